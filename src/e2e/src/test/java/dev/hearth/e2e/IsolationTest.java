package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.SampleImages;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where a container may not connect to, tried from inside one through its own HTTP routes. */
@Tag("root")
class IsolationTest {
    private static Platform platform;

    @BeforeAll
    static void start() throws Exception {
        platform = new Platform();
        platform.up();
        String image = "oci:" + SampleImages.layout(Platform.ROOT, "hello-c");
        assertThat(platform.hearth("deploy", "one", "--image", image, "--memory", "64Mi").code())
                .isZero();
        assertThat(platform.hearth("deploy", "two", "--image", image, "--memory", "64Mi").code())
                .isZero();
        platform.get("one", "/");
        platform.get("two", "/");
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    private static String connect(String host, int port) {
        return platform.get("one", "/connect?host=" + host + "&port=" + port).asString();
    }

    private static String address(String service) throws Exception {
        String json = platform.hearth("instances", service, "--json").out();
        return json.replaceAll("(?s).*\"address\" : \"([0-9.]+):.*", "$1");
    }

    @Test
    void network_otherInstancesAndTheHost_unreachable() throws Exception {
        String two = address("two");
        assertThat(two).startsWith("10.");
        assertThat(connect(two, 8080)).doesNotContain("connected");
        String own = address("one");
        int last = Integer.parseInt(own.substring(own.lastIndexOf('.') + 1));
        String gateway = own.substring(0, own.lastIndexOf('.') + 1) + (last - 1);
        for (int port : List.of(platform.httpPort, platform.adminPort)) {
            assertThat(connect(gateway, port)).doesNotContain("connected");
            assertThat(connect("127.0.0.1", port)).doesNotContain("connected");
        }
        assertThat(connect("169.254.169.254", 80)).doesNotContain("connected");
    }
}
