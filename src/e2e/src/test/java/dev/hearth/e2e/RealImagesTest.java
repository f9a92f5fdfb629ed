package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import dev.hearth.testing.Ports;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Images as people have them: Flask, Node and a JVM, and one that other people's tools made and
 * pushed.
 */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class RealImagesTest {
    @TempDir static Path scratch;
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private static void deployAndCall(String name, String image) throws Exception {
        platform.deployImage(name, image);
        platform.hearth("stop", name);
        Response cold = platform.get(name, "/");
        assertThat(cold.statusCode()).isEqualTo(200);
        assertThat(cold.asString().strip()).isEqualTo("Hello World!");
        assertThat(cold.header("Server-Timing")).contains("ready;dur=");
        assertThat(platform.get(name, "/").asString().strip()).isEqualTo("Hello World!");
    }

    @ParameterizedTest
    @ValueSource(strings = {"flask", "node", "jvm"})
    void sample_coldAndWarm_saysHello(String name) throws Exception {
        deployAndCall(name, Platform.image(name));
    }

    @Test
    void flask_runsAsTheImagesUser() throws Exception {
        platform.deployImage("who", Platform.image("flask"));
        assertThat(platform.get("who", "/whoami").asString()).contains("10001");
    }

    @Test
    void image_builtByBuildahPushedBySkopeo_deployedByItsReference() throws Exception {
        int port = Ports.free();
        Path config = scratch.resolve("registry.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: 127.0.0.1:%d}
                """
                        .formatted(scratch.resolve("registry"), port));
        Process registry =
                new ProcessBuilder("docker-registry", "serve", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(scratch.resolve("registry.log").toFile())
                        .start();
        try {
            Eventually.until("the registry listens", Duration.ofSeconds(10), () -> listens(port));
            String base = Platform.HELLO + ":latest";
            String reference = "127.0.0.1:" + port + "/team/hello:v1";
            String storage =
                    " --root "
                            + scratch.resolve("storage")
                            + " --runroot "
                            + scratch.resolve("run")
                            + " --storage-driver vfs ";
            shell(
                    "skopeo copy -q --dest-tls-verify=false "
                            + base
                            + " docker://127.0.0.1:"
                            + port
                            + "/team/base:v1");
            shell(
                    "export BUILDAH_ISOLATION=chroot; set -e; c=$(buildah "
                            + storage
                            + " from --tls-verify=false 127.0.0.1:"
                            + port
                            + "/team/base:v1)"
                            + "; echo made > "
                            + scratch.resolve("note")
                            + "; buildah "
                            + storage
                            + " copy $c "
                            + scratch.resolve("note")
                            + " /note"
                            + "; buildah "
                            + storage
                            + " commit -q $c oci:"
                            + scratch.resolve("built")
                            + ":v1"
                            + "; buildah "
                            + storage
                            + " rm $c");
            shell(
                    "skopeo copy -q --dest-tls-verify=false oci:"
                            + scratch.resolve("built")
                            + ":v1 docker://"
                            + reference);
            deployAndCall("pushed", reference);
            assertThat(platform.get("pushed", "/read?path=/note").asString()).isEqualTo("made\n");
        } finally {
            registry.destroy();
        }
        // the registry is gone now; what is in the cache still starts
        platform.hearth("stop", "pushed");
        assertThat(platform.get("pushed", "/").statusCode()).isEqualTo(200);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void shell(String script) throws Exception {
        Platform.Result result = Platform.run(List.of("bash", "-c", script));
        assertThat(result.code()).as(script + "\n" + result.err()).isZero();
    }
}
