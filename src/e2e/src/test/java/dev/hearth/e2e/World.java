package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A small world of network namespaces: a host for a platform, an internet and a private network.
 * None of them has a way to this machine's network, so whatever a test sends stays in here.
 *
 * <pre>
 *   internet  20.0.0.1, 1.2.3.4, 1.2.3.5      ─ net0 ┐
 *                                                    host 20.0.0.2, 10.200.0.2
 *   private   10.200.0.1, 10.200.0.53 (names), ─ lan0 ┘
 *             192.168.5.5, 169.254.169.254
 * </pre>
 *
 * Every address of the outer two answers on port 80 with {@code reached}; 10.200.0.53 also resolves
 * every name to 1.2.3.4.
 */
final class World implements AutoCloseable {
    private static final String SCRIPT =
            """
            for n in $H $N $L; do
                ip netns add $n; ip -n $n link set lo up
                # a new one has this machine's setting, which another platform or docker may have changed
                nsenter --net=/run/netns/$n sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward'
            done
            ip -n $H link add net0 type veth peer name eth0 netns $N
            ip -n $H link add lan0 type veth peer name eth0 netns $L
            ip -n $H addr add 20.0.0.2/24 dev net0
            ip -n $H addr add 10.200.0.2/24 dev lan0
            ip -n $N addr add 20.0.0.1/24 dev eth0
            ip -n $L addr add 10.200.0.1/24 dev eth0
            for a in 1.2.3.4 1.2.3.5; do ip -n $N addr add $a/32 dev lo; done
            for a in 10.200.0.53 192.168.5.5 169.254.169.254; do ip -n $L addr add $a/32 dev lo; done
            ip -n $H link set net0 up; ip -n $H link set lan0 up
            ip -n $N link set eth0 up; ip -n $L link set eth0 up
            ip -n $H route add default via 20.0.0.1
            for a in 10.200.0.53 192.168.5.5 169.254.169.254; do ip -n $H route add $a via 10.200.0.1; done
            ip -n $N route add default via 20.0.0.2
            ip -n $L route add default via 10.200.0.2
            """;

    private final String name = "hearth-" + ProcessHandle.current().pid();
    private final Path web;
    private final List<Process> servers = new ArrayList<>();

    World() throws Exception {
        web = Files.createTempDirectory("hearth-world-");
        Path script = Files.createDirectories(web.resolve("cgi-bin")).resolve("who");
        Files.writeString(
                script,
                "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'; echo reached from $REMOTE_ADDR\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Platform.Result made =
                Platform.run(
                        List.of(
                                "sh",
                                "-ec",
                                "H=%1$s-host N=%1$s-net L=%1$s-lan\n".formatted(name) + SCRIPT));
        assertThat(made.err()).isEmpty();
        for (String outer : List.of("net", "lan")) {
            start(outer, "busybox", "httpd", "-f", "-p", "80", "-h", web.toString());
        }
        start("lan", probe("serve-names", "10.200.0.53"));
    }

    /** What makes a command run in the host's network. */
    List<String> onHost() {
        return in("host");
    }

    private List<String> in(String namespace) {
        return List.of("nsenter", "--net=/run/netns/" + name + "-" + namespace);
    }

    /** The command line of a {@link NetProbe}. */
    static String[] probe(String... args) {
        return Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xshare:auto",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                NetProbe.class.getName()),
                        Stream.of(args))
                .toArray(String[]::new);
    }

    /** Starts a server, which ends with this world. */
    private void start(String namespace, String... command) throws IOException {
        List<String> all = new ArrayList<>(in(namespace));
        all.addAll(List.of(command));
        servers.add(
                new ProcessBuilder(all)
                        .redirectErrorStream(true)
                        .redirectOutput(web.resolve("server-" + servers.size()).toFile())
                        .start());
    }

    /** Runs a command on the {@code host}, in the {@code net} or in the {@code lan}. */
    String run(String namespace, String... command) throws Exception {
        List<String> all = new ArrayList<>(in(namespace));
        all.addAll(List.of(command));
        Platform.Result result = Platform.run(all);
        return result.out() + result.err();
    }

    /** Runs a command as the host's root in the network of some process. */
    static String runBeside(String pid, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=/proc/" + pid + "/ns/net"));
        all.addAll(List.of(command));
        Platform.Result result = Platform.run(all);
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }

    /** What the name server was asked. */
    String names() throws IOException {
        return Files.readString(web.resolve("server-2"));
    }

    void awaitName(String asked) throws Exception {
        Eventually.until(
                asked + " is asked for",
                Duration.ofSeconds(20),
                () -> {
                    try {
                        return names().contains(asked);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
    }

    @Override
    public void close() throws Exception {
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
        for (String namespace : List.of("host", "net", "lan")) {
            Platform.run(List.of("ip", "netns", "del", name + "-" + namespace));
        }
        Platform.run(List.of("rm", "-rf", web.toString()));
    }
}
