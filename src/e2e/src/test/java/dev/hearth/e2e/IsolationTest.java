package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Where a container may not connect to, tried from inside one through its own HTTP routes. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class IsolationTest {
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) throws Exception {
        platform = shared;
        platform.deploy("one", "--memory", "64Mi");
        platform.deploy("two", "--memory", "64Mi");
        platform.get("one", "/");
        platform.get("two", "/");
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
