package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where containers can connect to, tried from inside, on a platform in a {@link World} of network
 * namespaces.
 */
@Tag("root")
class EgressTest {
    private static final int MOST_FLOWS = 1024;
    private static final Map<String, String> POLICIES =
            new TreeMap<>(
                    Map.of(
                            "closed", "none",
                            "plain", "internet",
                            "open", "all",
                            "listed", "1.2.3.4,192.168.5.0/24",
                            "hostile", "all"));

    private static World world;
    private static Platform platform;
    private static String image;

    @BeforeAll
    static void start() throws Exception {
        image = Platform.image("busybox");
        world = new World();
        platform = new Platform(world.onHost(), "--dns", "10.200.0.53");
        platform.up();
        for (Map.Entry<String, String> policy : POLICIES.entrySet()) {
            deploy(policy.getKey(), policy.getValue());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        try (World closed = world) {
            String whileItRan = forwarding();
            platform.close();
            assertThat(whileItRan).isEqualTo("1");
            assertThat(forwarding()).as("as it was before").isEqualTo("0");
            assertThat(closed.run("host", "ip", "-br", "link").lines().map(l -> l.split("[ @]")[0]))
                    .containsExactlyInAnyOrder("lo", "net0", "lan0");
        }
    }

    private static String forwarding() throws Exception {
        return world.run("host", "cat", "/proc/sys/net/ipv4/ip_forward").strip();
    }

    private static void deploy(String service, String egress) throws Exception {
        platform.deployImage(service, image, "--memory", "64Mi", "--egress", egress);
    }

    /** What a script prints inside a container of the service. */
    private static String inside(String service, String script) throws Exception {
        return world.run(
                "host",
                "curl",
                "-s",
                "-m",
                "60",
                "-H",
                "Host: " + service + ".localhost:" + platform.httpPort,
                "--data-binary",
                script,
                "http://127.0.0.1:" + platform.httpPort + "/cgi-bin/run");
    }

    private static String fetch(String service, String address) throws Exception {
        return inside(service, "timeout 2 wget -q -O - http://" + address + "/cgi-bin/who 2>&1");
    }

    private static String field(String service, String name) throws Exception {
        inside(service, "true"); // so that there is an instance
        String json = platform.hearth("instances", service, "--json").out();
        return json.replaceAll("(?s).*\"" + name + "\" : \"?([0-9.]+).*", "$1");
    }

    private static long connections() throws Exception {
        return Long.parseLong(
                world.run("host", "cat", "/proc/sys/net/netfilter/nf_conntrack_count").strip());
    }

    @ParameterizedTest
    @CsvSource({
        "closed, 1.2.3.4, no",
        "closed, 10.200.0.1, no",
        "plain, 1.2.3.4, yes",
        "plain, 1.2.3.5, yes",
        "plain, 10.200.0.1, no",
        "plain, 192.168.5.5, no",
        "plain, 10.200.0.53, no", // a name server, but this is not its port
        "open, 1.2.3.4, yes",
        "open, 10.200.0.1, yes",
        "open, 192.168.5.5, yes",
        "listed, 1.2.3.4, yes",
        "listed, 1.2.3.5, no",
        "listed, 192.168.5.5, yes",
        "listed, 10.200.0.1, no",
    })
    void connect_address_asThePolicySays(String service, String address, String reached)
            throws Exception {
        String answer = fetch(service, address);
        if (reached.equals("yes")) {
            assertThat(answer).containsPattern("reached from .*(20.0.0.2|10.200.0.2)");
        } else {
            assertThat(answer).contains("No route to host"); // at once, not after a time-out
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "plain", "open", "listed"})
    void connect_hostOtherInstanceOrLinkLocal_unreachable(String service) throws Exception {
        String other = field("hostile", "address");
        String own = field(service, "address");
        int last = Integer.parseInt(own.substring(own.lastIndexOf('.') + 1));
        String gatewaysEnd = own.substring(0, own.lastIndexOf('.') + 1) + (last - 1);
        List<String> forbidden = new ArrayList<>(List.of(other + ":8080", "169.254.169.254:80"));
        for (String host : List.of("20.0.0.2", "10.200.0.2", gatewaysEnd, "127.0.0.1")) {
            forbidden.add(host + ":" + platform.httpPort);
            forbidden.add(host + ":" + platform.adminPort);
        }
        StringBuilder script = new StringBuilder();
        for (String address : forbidden) {
            script.append(attempt(address));
        }
        assertThat(inside(service, script + "wait; echo tried"))
                .contains("tried")
                .doesNotContain("reached");
        if (!service.equals("closed")) {
            assertThat(inside(service, attempt("1.2.3.4:80") + "wait")).contains("reached");
        }
    }

    /** Shell that says so, in the background, if it could connect. */
    private static String attempt(String address) {
        return "(timeout 2 nc "
                + address.replace(':', ' ')
                + " < /dev/null > /dev/null 2>&1 && echo reached "
                + address
                + ") & ";
    }

    @Test
    void send_broadcastOrMulticast_neverArrives() throws Exception {
        Path heard = Files.createTempFile("hearth-heard", "");
        List<String> listen = new ArrayList<>(world.onHost());
        listen.addAll(List.of(World.probe("receive", "9999")));
        Process listener = new ProcessBuilder(listen).redirectOutput(heard.toFile()).start();
        try {
            Eventually.until(
                    "listening",
                    Duration.ofSeconds(20),
                    () -> heard.toFile().length() >= "listening".length());
            String pid = field("open", "pid");
            for (String to : List.of("255.255.255.255", "224.0.0.1", "239.1.2.3", "20.0.0.255")) {
                World.runBeside(pid, World.probe("send", to, "9999", "from-instance"));
            }
            world.run("host", World.probe("send", "127.0.0.1", "9999", "from-host"));
            assertThat(listener.waitFor(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(heard)).contains("from-host").doesNotContain("instance");
        } finally {
            listener.destroyForcibly();
            Files.delete(heard);
        }
    }

    @Test
    void resolve_nameByTheConfiguredServer_unlessThePolicyDoesNotReachIt() throws Exception {
        String lookUp = "nslookup %s.example 2>&1; cat /etc/resolv.conf";
        assertThat(inside("plain", lookUp.formatted("plain")))
                .contains("1.2.3.4", "nameserver 10.200.0.53");
        world.awaitName("plain.example.");
        assertThat(inside("closed", lookUp.formatted("closed"))).doesNotContain("nameserver");
        assertThat(inside("listed", lookUp.formatted("listed"))).doesNotContain("nameserver");
        assertThat(inside("listed", "timeout 2 nslookup direct.example 10.200.0.53; echo tried"))
                .contains("tried");
        assertThat(world.names()).doesNotContain("closed", "listed", "direct");
    }

    @Test
    void files_ofTheNetwork_asDockerMakesThem() throws Exception {
        String own = field("plain", "address");
        assertThat(inside("plain", "cat /etc/hosts; hostname; cat /etc/hostname"))
                .contains("127.0.0.1\tlocalhost\n")
                .contains("::1\tlocalhost ip6-localhost ip6-loopback\n")
                .contains("ff02::2\tip6-allrouters\n")
                .containsPattern(own + "\t(i-\\w+)\n\\1\n\\1\n");
        assertThat(inside("plain", "stat -c %a%u /etc/hosts /etc/resolv.conf /etc/hostname"))
                .isEqualTo("6440\n6440\n6440\n");
    }

    @Test
    void send_fromAnotherAddress_dropped() throws Exception {
        String pid = field("open", "pid");
        String other = field("plain", "address");
        String gatewaysEnd =
                other.substring(0, other.lastIndexOf('.') + 1)
                        + (Integer.parseInt(other.substring(other.lastIndexOf('.') + 1)) - 1);
        for (String stolen : List.of(other, gatewaysEnd, "20.0.0.2", "8.8.8.8")) {
            World.runBeside(pid, "ip", "addr", "add", stolen + "/32", "dev", "lo");
            World.runBeside(pid, World.probe("ask", stolen, "10.200.0.53", "stolen.example"));
        }
        String own = field("open", "address");
        World.runBeside(pid, World.probe("ask", own, "10.200.0.53", "own.example"));

        world.awaitName("own.example.");
        assertThat(world.names()).doesNotContain("stolen");
    }

    @Test
    void link_neighboursAreFixed_andThereIsNoIpv6() throws Exception {
        String own = field("plain", "address");
        assertThat(world.run("host", "ip", "neigh", "show", own)).contains("PERMANENT");
        assertThat(World.runBeside(field("plain", "pid"), "ip", "neigh")).contains("PERMANENT");
        assertThat(inside("plain", "cat /proc/net/if_inet6")).doesNotContain("eth0");
        assertThat(world.run("host", "ip", "-6", "-br", "addr").lines())
                .noneMatch(line -> line.startsWith("h"));
    }

    @Test
    void reach_instanceOrOtherNetworkThroughTheHost_fromOutside_impossible() throws Exception {
        String instance = field("open", "address");
        String fetch = "timeout 2 busybox wget -q -O - http://%s 2>&1; echo tried";
        assertThat(world.run("lan", "sh", "-c", fetch.formatted(instance + ":8080/cgi-bin/run")))
                .doesNotContain("running")
                .contains("tried");
        assertThat(forwarding()).isEqualTo("1");
        assertThat(world.run("net", "sh", "-c", fetch.formatted("10.200.0.1/cgi-bin/who")))
                .as("forwarding is on for instances alone")
                .doesNotContain("reached");
    }

    @Test
    void flood_aHundredThousandConnections_othersGoOn() throws Exception {
        long before = connections();
        String flood =
                World.runBeside(field("hostile", "pid"), World.probe("flood", "1.2.3.4", "100000"));
        assertThat(flood).contains("sent");

        assertThat(connections()).isBetween(before + MOST_FLOWS / 2, before + MOST_FLOWS + 200);
        assertThat(fetch("hostile", "1.2.3.4")).doesNotContain("reached");
        assertThat(fetch("plain", "1.2.3.4")).contains("reached");

        assertThat(platform.hearth("stop", "hostile").code()).isZero();
        assertThat(connections()).as("gone with the instance").isLessThan(before + 200);
        assertThat(fetch("hostile", "1.2.3.4")).contains("reached");
    }

    @Test
    void redeploy_anotherPolicy_holdsForTheNewInstances() throws Exception {
        deploy("changing", "none");
        assertThat(fetch("changing", "1.2.3.5")).contains("No route");
        deploy("changing", "1.2.3.5");
        assertThat(fetch("changing", "1.2.3.5")).contains("reached");
        assertThat(fetch("changing", "1.2.3.4")).contains("No route");
        deploy("changing", "internet");
        assertThat(fetch("changing", "1.2.3.4")).contains("reached");
        assertThat(platform.hearth("describe", "changing").out())
                .containsPattern("Egress: +internet")
                .containsPattern("Egress: +1.2.3.5/32")
                .containsPattern("Egress: +none");
    }
}
