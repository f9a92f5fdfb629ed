package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.rpc.AbortedException;
import com.google.api.gax.rpc.AlreadyExistsException;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.FixedHeaderProvider;
import com.google.api.gax.rpc.InvalidArgumentException;
import com.google.api.gax.rpc.NotFoundException;
import com.google.api.gax.rpc.StatusCode;
import com.google.api.gax.rpc.UnauthenticatedException;
import com.google.cloud.run.v2.Condition;
import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.CreateServiceRequest;
import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.LocationName;
import com.google.cloud.run.v2.ResourceRequirements;
import com.google.cloud.run.v2.Revision;
import com.google.cloud.run.v2.RevisionTemplate;
import com.google.cloud.run.v2.RevisionsClient;
import com.google.cloud.run.v2.RevisionsSettings;
import com.google.cloud.run.v2.Service;
import com.google.cloud.run.v2.ServiceName;
import com.google.cloud.run.v2.ServiceScaling;
import com.google.cloud.run.v2.ServicesClient;
import com.google.cloud.run.v2.ServicesSettings;
import com.google.cloud.run.v2.TrafficTarget;
import com.google.cloud.run.v2.TrafficTargetAllocationType;
import com.google.cloud.run.v2.UpdateServiceRequest;
import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsClient;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import dev.hearth.testing.Eventually;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A program written with Google's own client for Cloud Run, over either of its transports. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class CloudRunTest {
    private static final LocationName LOCATION = LocationName.of("my-project", "europe-west1");

    private static Platform platform;

    /** What the client speaks. */
    enum Transport {
        REST,
        GRPC;

        /** Service names may not be the same in two tests. */
        String named(String name) {
            return name + "-" + name().toLowerCase(Locale.ROOT);
        }
    }

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private static InstantiatingGrpcChannelProvider plaintext() {
        return InstantiatingGrpcChannelProvider.newBuilder()
                .setChannelConfigurator(ManagedChannelBuilder::usePlaintext)
                .build();
    }

    private static FixedHeaderProvider token(String token) {
        return FixedHeaderProvider.create(Map.of("authorization", "Bearer " + token));
    }

    private static ServicesClient services(Transport transport, String token) throws IOException {
        ServicesSettings.Builder settings =
                switch (transport) {
                    case REST ->
                            ServicesSettings.newHttpJsonBuilder()
                                    .setEndpoint("http://127.0.0.1:" + platform.adminPort);
                    case GRPC ->
                            ServicesSettings.newBuilder()
                                    .setEndpoint("127.0.0.1:" + platform.adminPort)
                                    .setTransportChannelProvider(plaintext());
                };
        return ServicesClient.create(
                settings.setCredentialsProvider(NoCredentialsProvider.create())
                        .setHeaderProvider(token(token))
                        .build());
    }

    private static RevisionsClient revisions(Transport transport) throws IOException {
        RevisionsSettings.Builder settings =
                switch (transport) {
                    case REST ->
                            RevisionsSettings.newHttpJsonBuilder()
                                    .setEndpoint("http://127.0.0.1:" + platform.adminPort);
                    case GRPC ->
                            RevisionsSettings.newBuilder()
                                    .setEndpoint("127.0.0.1:" + platform.adminPort)
                                    .setTransportChannelProvider(plaintext());
                };
        return RevisionsClient.create(
                settings.setCredentialsProvider(NoCredentialsProvider.create())
                        .setHeaderProvider(token(platform.token()))
                        .build());
    }

    private static Service service(String who) {
        return Service.newBuilder()
                .setDescription("says who")
                .putLabels("team", "a")
                .putAnnotations("example.org/note", "kept")
                .setTemplate(
                        RevisionTemplate.newBuilder()
                                .setTimeout(Duration.newBuilder().setSeconds(30))
                                .addContainers(
                                        Container.newBuilder()
                                                .setImage(Platform.HELLO)
                                                .addEnv(
                                                        EnvVar.newBuilder()
                                                                .setName("WHO")
                                                                .setValue(who))
                                                .setResources(
                                                        ResourceRequirements.newBuilder()
                                                                .putLimits("cpu", "500m")
                                                                .putLimits("memory", "64Mi")
                                                                .setCpuIdle(true))))
                .build();
    }

    private static FieldMask mask(String... paths) {
        return FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
    }

    private static Service updated(ServicesClient client, Service service, String... paths)
            throws Exception {
        return client.updateServiceAsync(service, mask(paths)).get(60, TimeUnit.SECONDS);
    }

    private static void open(ServicesClient client, String resource) {
        Policy policy =
                client.getIamPolicy(GetIamPolicyRequest.newBuilder().setResource(resource).build());
        assertThat(policy.getBindingsList()).isEmpty();
        Policy open =
                policy.toBuilder()
                        .addBindings(
                                Binding.newBuilder()
                                        .setRole("roles/run.invoker")
                                        .addMembers("allUsers"))
                        .build();
        assertThat(
                        client.setIamPolicy(
                                        SetIamPolicyRequest.newBuilder()
                                                .setResource(resource)
                                                .setPolicy(open)
                                                .build())
                                .getBindingsList())
                .isEqualTo(open.getBindingsList());
    }

    @ParameterizedTest
    @EnumSource
    void client_deploysSharesListsAndDeletes(Transport transport) throws Exception {
        String id = transport.named("hello");
        String name = ServiceName.of("my-project", "europe-west1", id).toString();
        try (ServicesClient client = services(transport, platform.token())) {
            // ready within the call: whoever polls would wait five seconds before the first time
            Operation operation =
                    client.createServiceCallable()
                            .call(
                                    CreateServiceRequest.newBuilder()
                                            .setParent(LOCATION.toString())
                                            .setServiceId(id)
                                            .setService(service("one"))
                                            .build());
            assertThat(operation.getDone()).isTrue();
            Service created = operation.getResponse().unpack(Service.class);
            assertThat(created.getName()).isEqualTo(name);
            assertThat(created.getReconciling()).isFalse();
            assertThat(created.getTerminalCondition().getState())
                    .isEqualTo(Condition.State.CONDITION_SUCCEEDED);
            assertThat(created.getUri())
                    .isEqualTo("http://" + id + ".localhost:" + platform.httpPort);
            assertThat(created.getLabelsMap()).containsEntry("team", "a");

            // private until its policy says otherwise
            assertThat(platform.get(id, "/env").statusCode()).isEqualTo(401);
            open(client, name);
            assertThat(platform.get(id, "/env").asString()).contains("WHO=one");

            Service second = updated(client, with(created, "two"), "template");
            assertThat(platform.get(id, "/env").asString()).contains("WHO=two");
            assertThat(second.getGeneration()).isEqualTo(created.getGeneration() + 1);
            assertThat(second.getLatestReadyRevision())
                    .isNotEqualTo(created.getLatestReadyRevision());

            String first = last(created.getLatestReadyRevision());
            Service shared =
                    second.toBuilder()
                            .clearTraffic()
                            .addTraffic(
                                    TrafficTarget.newBuilder()
                                            .setType(
                                                    TrafficTargetAllocationType
                                                            .TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION)
                                            .setRevision(first)
                                            .setPercent(100))
                            .addTraffic(
                                    TrafficTarget.newBuilder()
                                            .setType(
                                                    TrafficTargetAllocationType
                                                            .TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST)
                                            .setTag("next"))
                            .build();
            Service back = updated(client, shared, "traffic");
            assertThat(platform.get(id, "/env").asString()).contains("WHO=one");
            assertThat(platform.get("next---" + id, "/env").asString()).contains("WHO=two");
            assertThat(back.getTrafficStatuses(1).getUri())
                    .isEqualTo("http://next---" + id + ".localhost:" + platform.httpPort);
            assertThat(back.getLatestReadyRevision()).isEqualTo(second.getLatestReadyRevision());

            assertThat(client.getService(name)).isEqualTo(back);
            assertThat(
                            StreamSupport.stream(
                                    client.listServices(LOCATION).iterateAll().spliterator(),
                                    false))
                    .contains(back);
            revisionsOf(transport, name, second, first);

            client.deleteServiceAsync(name).get(60, TimeUnit.SECONDS);
            assertThatThrownBy(() -> client.getService(name)).isInstanceOf(NotFoundException.class);
            assertThat(platform.get(id, "/").statusCode()).isEqualTo(404);
        }
    }

    private static void revisionsOf(Transport transport, String name, Service second, String first)
            throws Exception {
        try (RevisionsClient client = revisions(transport)) {
            List<String> names = new ArrayList<>();
            client.listRevisions(name).iterateAll().forEach(r -> names.add(r.getName()));
            assertThat(names)
                    .containsExactly(second.getLatestReadyRevision(), name + "/revisions/" + first);
            Revision revision = client.getRevision(name + "/revisions/" + first);
            assertThat(revision.getContainers(0).getEnv(0).getValue()).isEqualTo("one");
            assertThatThrownBy(
                            () ->
                                    client.deleteRevisionAsync(name + "/revisions/" + first)
                                            .get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("traffic");
        }
    }

    private static Service with(Service service, String who) {
        Service.Builder changed = service.toBuilder();
        changed.getTemplateBuilder().getContainersBuilder(0).getEnvBuilder(0).setValue(who);
        return changed.build();
    }

    private static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    @ParameterizedTest
    @EnumSource
    void client_isRefused_withTheExceptionOfItsKind(Transport transport) throws Exception {
        String id = transport.named("refused");
        String name = ServiceName.of("my-project", "europe-west1", id).toString();
        try (ServicesClient client = services(transport, platform.token());
                ServicesClient stranger = services(transport, "nobody")) {
            assertThatThrownBy(() -> stranger.getService(name))
                    .isInstanceOf(UnauthenticatedException.class);
            assertThatThrownBy(() -> client.getService(name)).isInstanceOf(NotFoundException.class);

            Service mounted =
                    service("x").toBuilder()
                            .setTemplate(
                                    service("x").getTemplate().toBuilder().setServiceAccount("a@b"))
                            .build();
            failed(
                    () -> client.createServiceAsync(LOCATION, mounted, id).get(),
                    InvalidArgumentException.class,
                    "service.template.serviceAccount");
            Service created =
                    client.createServiceAsync(LOCATION, service("one"), id)
                            .get(60, TimeUnit.SECONDS);
            failed(
                    () -> client.createServiceAsync(LOCATION, service("one"), id).get(),
                    // over HTTP this client looks at the status only, which is 409 for both
                    transport == Transport.REST
                            ? AbortedException.class
                            : AlreadyExistsException.class,
                    "already");

            updated(client, created.toBuilder().setDescription("other").build(), "description");
            failed(
                    () ->
                            updated(
                                    client,
                                    created.toBuilder().setDescription("x").build(),
                                    "description"),
                    AbortedException.class,
                    "changed by somebody else");
            failed(
                    () -> client.updateServiceAsync(created, mask("nonsense")).get(),
                    InvalidArgumentException.class,
                    "nonsense");

            // what does not start is an operation that failed, with the container's own words
            Service broken =
                    client.getService(name).toBuilder()
                            .setTemplate(
                                    RevisionTemplate.newBuilder()
                                            .addContainers(
                                                    Container.newBuilder()
                                                            .setImage(Platform.HELLO)
                                                            .addCommand("/no/such/file")))
                            .build();
            assertThatThrownBy(() -> updated(client, broken, "template"))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ApiException.class,
                            e ->
                                    assertThat(e.getStatusCode().getCode())
                                            .isEqualTo(StatusCode.Code.FAILED_PRECONDITION))
                    .hasMessageContaining("is not in the image");
            assertThat(client.getService(name).getLatestReadyRevision())
                    .isEqualTo(created.getLatestReadyRevision());
            client.deleteServiceAsync(name).get(60, TimeUnit.SECONDS);
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void failed(Call call, Class<? extends ApiException> type, String says) {
        assertThatThrownBy(call::run)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(type)
                .hasMessageContaining(says);
    }

    @ParameterizedTest
    @EnumSource
    void client_validatesCreatesByUpdateAndWaits(Transport transport) throws Exception {
        String id = transport.named("upsert");
        String name = ServiceName.of("my-project", "europe-west1", id).toString();
        try (ServicesClient client = services(transport, platform.token())) {
            UpdateServiceRequest upsert =
                    UpdateServiceRequest.newBuilder()
                            .setService(service("one").toBuilder().setName(name))
                            .setAllowMissing(true)
                            .build();
            client.updateServiceAsync(upsert.toBuilder().setValidateOnly(true).build())
                    .get(60, TimeUnit.SECONDS);
            assertThatThrownBy(() -> client.getService(name)).isInstanceOf(NotFoundException.class);

            Operation operation = client.updateServiceCallable().call(upsert);
            operations(client, transport, operation.getName());
            Service created = client.getService(name);

            Service two =
                    updated(
                            client,
                            created.toBuilder()
                                    .setScaling(ServiceScaling.newBuilder().setMinInstanceCount(2))
                                    .build(),
                            "scaling");
            assertThat(two.getScaling().getMinInstanceCount()).isEqualTo(2);
            assertThat(two.getLatestReadyRevision()).isEqualTo(created.getLatestReadyRevision());
            Eventually.until(
                    "two instances run",
                    java.time.Duration.ofSeconds(30),
                    () -> platform.instances(id) == 2);
            client.deleteServiceAsync(name).get(60, TimeUnit.SECONDS);
        }
    }

    private static void operations(ServicesClient client, Transport transport, String name)
            throws Exception {
        switch (transport) {
            case REST -> {
                var operations = client.getHttpJsonOperationsClient();
                assertThat(operations.getOperation(name).getDone()).isTrue();
                operations.deleteOperation(name);
                assertThatThrownBy(() -> operations.getOperation(name))
                        .isInstanceOf(NotFoundException.class);
            }
            case GRPC -> {
                OperationsClient operations = client.getOperationsClient();
                Operation waited =
                        operations.waitOperation(
                                WaitOperationRequest.newBuilder()
                                        .setName(name)
                                        .setTimeout(Duration.newBuilder().setSeconds(60))
                                        .build());
                assertThat(waited.getDone()).isTrue();
                assertThat(operations.listOperations(LOCATION.toString(), "").iterateAll())
                        .contains(waited);
                operations.deleteOperation(name);
                assertThatThrownBy(() -> operations.getOperation(name))
                        .isInstanceOf(NotFoundException.class);
            }
        }
    }
}
