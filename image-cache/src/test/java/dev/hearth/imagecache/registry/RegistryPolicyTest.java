package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.imagecache.reference.ImageReference;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryPolicyTest {
    private static final RegistryPolicy POLICY = new RegistryPolicy(Set.of("10.0.0.1:5000"));

    @ParameterizedTest
    @CsvSource({
        "localhost:5000, localhost, http://localhost:5000/v2/",
        "127.9.9.9, 127.9.9.9, http://127.9.9.9/v2/",
        "[::1]:5000, ::1, http://[::1]:5000/v2/",
        "10.0.0.1:5000, 10.0.0.1, http://10.0.0.1:5000/v2/",
        "10.0.0.1:5001, 10.0.0.1, https://10.0.0.1:5001/v2/",
        "registry.example, registry.example, https://registry.example/v2/",
        "docker.io, docker.io, https://registry-1.docker.io/v2/",
        "localhost.example, localhost.example, https://localhost.example/v2/",
        "127.0.0.1.example, 127.0.0.1.example, https://127.0.0.1.example/v2/"
    })
    void registry_host_schemeByTrust(String host, String name, String expected) {
        assertThat(image(host).hostName()).isEqualTo(name);
        assertThat(POLICY.registry(image(host)).base()).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/x",
                "https://127.0.0.1/x",
                "https://127.0.0.1:8081/api/v1/status",
                "https://[::1]/x",
                "https://[::ffff:127.0.0.1]/x",
                "https://0.0.0.0/x",
                "https://[::]/x",
                "https://169.254.169.254/latest/meta-data",
                "https://[fe80::1]/x",
                "https://localhost/x",
                "https://2130706433/x",
                "http://192.0.2.1/x",
                "file:///etc/passwd",
                "ftp://192.0.2.1/x",
                "jar:file:/x!/y",
                "https:opaque",
                "//192.0.2.1/x",
                "https://user:secret@192.0.2.1/x",
                "https://192.0.2.1:0/x",
                "https://192.0.2.1:65536/x"
            })
    void check_publicRegistryPointsToHostOrOtherScheme_refused(String target) {
        assertThatThrownBy(() -> check(target, "registry.example"))
                .isInstanceOf(RegistryPolicy.RefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://192.0.2.1/x", "https://10.1.2.3/x"})
    void check_publicRegistryPointsElsewhere_allowed(String target) {
        assertThatCode(() -> check(target, "registry.example")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "http://10.0.0.1:5000/x, true",
        "http://192.0.2.1/x, true",
        "http://127.0.0.1/x, false",
        "http://169.254.169.254/x, false"
    })
    void check_listedRegistryPointsTo(String target, boolean allowed) {
        var check = assertThatCode(() -> check(target, "10.0.0.1:5000"));
        if (allowed) {
            check.doesNotThrowAnyException();
        } else {
            check.isInstanceOf(RegistryPolicy.RefusedException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:1/x, true",
        "http://10.0.0.1/x, true",
        "http://169.254.169.254/x, false",
        "file:///etc/passwd, false"
    })
    void check_loopbackRegistryPointsTo(String target, boolean allowed) {
        var check = assertThatCode(() -> check(target, "localhost:5000"));
        if (allowed) {
            check.doesNotThrowAnyException();
        } else {
            check.isInstanceOf(RegistryPolicy.RefusedException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://192.0.2.7/x, true",
        "http://192.0.2.7/x, false",
        "https://127.0.0.1/x, false",
        "https://169.254.169.254/x, false"
    })
    void check_mirrorPointsTo(String target, boolean allowed) {
        checkFromMirror(target, "https://192.0.2.7", allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "http://169.254.1.1:5000/x, true",
        "http://169.254.1.1:5001/x, false",
        "https://169.254.1.1:5000/x, false",
        "http://127.0.0.1/x, false",
        "http://192.0.2.1/x, true"
    })
    void check_linkLocalMirrorOfTheOperatorPointsTo(String target, boolean allowed) {
        checkFromMirror(target, "http://169.254.1.1:5000", allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://127.0.0.1:8081/x", "http://[::1]:8081/x", "http://0.0.0.0:8081/"})
    void check_portOfThePlatformItself_refusedForAll(String target) {
        RegistryPolicy policy =
                new RegistryPolicy(
                        Set.of("127.0.0.1:8081", "[::1]:8081", "0.0.0.0:8081"), Set.of(8081));
        for (String host : new String[] {"localhost:8081", "127.0.0.1:5000", "0.0.0.0:8081"}) {
            assertThatThrownBy(() -> policy.check(URI.create(target), policy.registry(image(host))))
                    .isInstanceOf(RegistryPolicy.RefusedException.class);
        }
    }

    private static void checkFromMirror(String target, String mirror, boolean allowed) {
        Endpoint from =
                Mirrors.parse(List.of("docker.io=" + mirror)).of(image("docker.io")).getFirst();
        var check = assertThatCode(() -> POLICY.check(URI.create(target), from));
        if (allowed) {
            check.doesNotThrowAnyException();
        } else {
            check.isInstanceOf(RegistryPolicy.RefusedException.class);
        }
    }

    private static void check(String target, String registry)
            throws RegistryPolicy.RefusedException {
        POLICY.check(URI.create(target), POLICY.registry(image(registry)));
    }

    private static ImageReference.Registry image(String host) {
        return new ImageReference.Registry(host, "team/app", "1", Optional.empty());
    }
}
