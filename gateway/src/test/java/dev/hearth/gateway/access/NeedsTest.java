package dev.hearth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Role;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeedsTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/status, VIEWER",
        "GET, /api/v1/services/hello/logs, VIEWER",
        "GET, /api/v1/services/tokens/explain, VIEWER",
        "GET, /api/v1/usage, VIEWER",
        "GET, /api/v1/images, VIEWER",
        "GET, /q/metrics, VIEWER",
        "POST, /api/v1/services, DEPLOYER",
        "POST, /api/v1/services/hello/stop, DEPLOYER",
        "DELETE, /api/v1/services/hello, DEPLOYER",
        "PURGE, /api/v1/services/hello, DEPLOYER",
        "GET, /api/v1/registry, DEPLOYER",
        "GET, /api/v1/tokens, ADMIN",
        "POST, /api/v1/tokens, ADMIN",
        "DELETE, /api/v1/tokens/ci, ADMIN",
        "GET, /api/v1/audit, ADMIN",
        "POST, /api/v1/shutdown, ADMIN",
        "GET, /api/v1/quota, VIEWER",
        "POST, /api/v1/quota, ADMIN",
        "GET, /api/v1/secrets, VIEWER",
        "POST, /api/v1/secrets, DEPLOYER",
        "POST, /api/v1/reseal-secrets, ADMIN",
        "POST, /api/v1/images/prune, ADMIN",
        "POST, /api/v1/budget, ADMIN",
        "POST, /api/v1/services/a/budget, DEPLOYER",
        "GET, /apis/serving.knative.dev/v1/namespaces/default/services/a, VIEWER",
        "PUT, /apis/serving.knative.dev/v1/namespaces/default/services/a, DEPLOYER",
        "GET, /v2/projects/p/locations/l/services, VIEWER",
        "POST, /v2/projects/p/locations/l/services, DEPLOYER",
        "POST, /v2/projects/p/locations/l/services/a:setIamPolicy, DEPLOYER",
        "POST, /v2/projects/p/locations/l/services/a:testIamPermissions, VIEWER",
        "POST, /v2/projects/p/locations/l/operations/o:wait, VIEWER",
        "POST, /v2/projects/p/locations/l/operations/o%3Await, VIEWER",
        "POST, /google.cloud.run.v2.Services/ListServices, VIEWER",
        "POST, /google.cloud.run.v2.Services/SetIamPolicy, DEPLOYER",
        "POST, /google.cloud.run.v2.Services/DeleteService, DEPLOYER",
        "POST, /google.longrunning.Operations/WaitOperation, VIEWER"
    })
    void of_aCall_readingIsAViewersAndTheRestMore(String method, String path, Role role) {
        assertThat(Needs.of(method, path)).isEqualTo(role);
    }
}
