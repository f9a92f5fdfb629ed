package dev.hearth.runtime.app;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The node agent against the real kernel, with a container of busybox (Debian's busybox-static).
 * Needs root and the mounted cgroups of whichever version the machine has.
 */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeAgentTest {
    private static final String SERVER = "echo started; exec httpd -f -p $PORT -h /www";

    @TempDir static Path data;
    private NodeAgent agent;
    private final BlockingQueue<InstanceExit> exits = new LinkedBlockingQueue<>();

    @BeforeAll
    void startAgent() throws IOException {
        BusyboxNode.prepare(data);
        agent = BusyboxNode.agent(data, SERVER, 64 * 1024);
        agent.onExit(exits::add);
        agent.start();
    }

    @AfterAll
    void stopAgent() throws IOException {
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    private static RevisionSpec revision(String name, String memory, String... args) {
        return new RevisionSpec(
                new RevisionName(name + "-00001-abc"),
                new ServiceName(name),
                "test",
                Digest.sha256("0".repeat(64)),
                new ContainerSpec(List.of(), List.of(args), Map.of("COLOUR", "green"), 8080),
                new Resources(new Cpu(500), DataSize.parse(memory)),
                new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                new Egress.None(),
                Duration.ofSeconds(3),
                Instant.EPOCH);
    }

    private StartedInstance start(RevisionSpec revision) {
        return agent.start(revision).toCompletableFuture().join();
    }

    private void stop(StartedInstance instance) {
        agent.stop(instance.id(), StopReason.REQUESTED).toCompletableFuture().join();
    }

    private String log(String service) {
        StringBuilder text = new StringBuilder();
        for (LogPage.Line line : agent.logs(new ServiceName(service), "", 1000).lines()) {
            text.append(line.text()).append('\n');
        }
        return text.toString();
    }

    private static String get(String host, int port, String path) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 2000);
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write(
                            ("GET " + path + " HTTP/1.0\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void start_server_servesAndIsGoneAfterStop() throws Exception {
        StartedInstance instance = start(revision("hello", "64Mi"));
        assertThat(get(instance.host(), instance.port(), "/")).endsWith("hello\n");
        InstanceView view = view(instance);
        assertThat(view.state()).isEqualTo("ready");
        assertThat(view.cpuMillis()).isEqualTo(500);
        assertThat(view.memoryBytes()).isPositive();

        stop(instance);

        assertThat(agent.instances()).noneMatch(v -> v.id().equals(instance.id()));
        InstanceExit exit = exits.poll(5, TimeUnit.SECONDS);
        assertThat(exit).isNotNull();
        assertThat(exit.cause()).isEqualTo(new ExitCause.Stopped(StopReason.REQUESTED));
        assertThat(log("hello")).contains("started");
    }

    private InstanceView view(StartedInstance instance) {
        return agent.instances().stream()
                .filter(v -> v.id().equals(instance.id()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void start_environment_asTheContractSays() {
        RevisionSpec revision =
                revision(
                        "environment",
                        "64Mi",
                        "busybox env; pwd; hostname; cat /etc/resolv.conf; " + SERVER);
        StartedInstance instance = start(revision);
        assertThat(log("environment"))
                .contains("PORT=8080")
                .contains("K_SERVICE=environment")
                .contains("K_REVISION=environment-00001-abc")
                .contains("K_CONFIGURATION=environment")
                .contains("COLOUR=green")
                .contains("/www")
                .contains(instance.id().value());
        stop(instance);
    }

    @Test
    void start_hostileProcess_hasNoPrivilegeAndSeesOnlyItself() {
        String look =
                "cat /proc/self/status | busybox grep -E 'Cap|NoNew'; busybox ps;"
                        + " busybox mount -t tmpfs x /www || echo no-mount;"
                        + " echo x > /proc/sys/kernel/core_pattern || echo no-sysctl;"
                        + " busybox mknod /n b 8 0 || echo no-mknod;"
                        + " busybox ls -l /proc/1/exe || echo no-init;"
                        + " echo 1 > /sys/fs/cgroup/memory/memory.limit_in_bytes || echo no-cgroup;"
                        + " busybox ls /proc/self/fd; ";
        StartedInstance instance = start(revision("hostile", "64Mi", look + SERVER));
        String log = log("hostile");
        assertThat(log)
                .contains("CapEff:\t00000000800405fb")
                .contains("CapBnd:\t00000000800405fb")
                .contains("NoNewPrivs:\t1")
                .contains("no-mount", "no-sysctl", "no-mknod", "no-init", "no-cgroup");
        assertThat(log).doesNotContain("java");
        stop(instance);
    }

    @Test
    void start_secondInstance_cannotReachTheFirstOrTheHost() {
        StartedInstance first = start(revision("first", "64Mi"));
        String[] octets = first.host().split("\\.");
        String hostEnd =
                "10." + octets[1] + "." + octets[2] + "." + (Integer.parseInt(octets[3]) - 1);
        String probe =
                "for a in %s:8080 %s:22 ; do busybox timeout 1 wget -q -O- http://$a/ && echo reached $a; done; echo probed; "
                        .formatted(first.host(), hostEnd);
        StartedInstance second = start(revision("second", "64Mi", probe + SERVER));
        assertThat(log("second")).contains("probed").doesNotContain("reached");
        stop(first);
        stop(second);
    }

    @Test
    void start_containerExits_failsWithStatusAndLog() {
        assertThatThrownBy(() -> start(revision("exits", "64Mi", "echo broken >&2; exit 3")))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("container-exited");
                            assertThat(e.sentence()).contains("exited with status 3");
                            assertThat(e.details()).contains("broken");
                        });
        assertThat(agent.instances()).noneMatch(v -> v.service().value().equals("exits"));
    }

    @Test
    void start_neverListens_failsAtTheDeadline() {
        assertThatThrownBy(() -> start(revision("mute", "64Mi", "echo waiting; sleep 60")))
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("container-not-listening");
                            assertThat(e.details()).contains("waiting");
                        });
        assertThat(agent.instances()).noneMatch(v -> v.service().value().equals("mute"));
    }

    @Test
    void start_missingCommand_saysWhatToDo() {
        RevisionSpec missing =
                revision("missing", "64Mi")
                        .withContainer(
                                new ContainerSpec(List.of("/no/such"), List.of(), Map.of(), 8080));
        assertThatThrownBy(() -> start(missing))
                .cause()
                .hasMessageContaining("executing the command failed: ENOENT")
                .hasMessageContaining("not in the image");
    }

    @Test
    void run_aChildOverItsMemory_endsTheInstanceAsAWhole_andIsReported() throws Exception {
        String eat =
                "(sleep 1; busybox awk 'BEGIN{s=\"x\"; while(1) s=s s}'; sleep 60) & " + SERVER;
        StartedInstance instance = start(revision("eater", "32Mi", eat));
        InstanceExit exit = null;
        while (exit == null || !exit.id().equals(instance.id())) {
            exit = exits.poll(15, TimeUnit.SECONDS);
            assertThat(exit).isNotNull();
        }
        assertThat(exit.cause()).isInstanceOf(ExitCause.OutOfMemory.class);
        assertThat(exit.cause().words()).contains("32Mi");
    }

    @Test
    void run_forkBomb_endsAtTheLimitOfProcesses() throws Exception {
        String bomb = "i=0; while [ $i -lt 400 ]; do sleep 20 & i=$((i+1)); done";
        StartedInstance instance = start(revision("bomb", "64Mi", "(" + bomb + ") & " + SERVER));
        until(() -> log("bomb").contains("fork"));
        assertThat(agent.instances()).anyMatch(v -> v.id().equals(instance.id()));
        stop(instance);
    }

    @Test
    void setCpu_lastCallWins() throws Exception {
        StartedInstance instance = start(revision("quota", "64Mi"));
        for (int millis = 100; millis <= 300; millis += 50) {
            agent.setCpu(instance.id(), new Cpu(millis), false);
        }
        agent.setCpu(instance.id(), new Cpu(50), true);
        assertThat(view(instance).state()).isEqualTo("idle");
        until(() -> quotaMicros(instance).contains("5000"));
        stop(instance);
    }

    private String quotaMicros(StartedInstance instance) {
        try {
            String self = Files.readString(Path.of("/proc/" + view(instance).pid() + "/cgroup"));
            for (String line : self.split("\n")) {
                String[] parts = line.split(":", 3);
                if (List.of(parts[1].split(",")).contains("cpu")) {
                    return Files.readString(
                                    Path.of("/sys/fs/cgroup/cpu" + parts[2] + "/cpu.cfs_quota_us"))
                            .strip();
                }
                if (parts[1].isEmpty() && parts[2].contains("hearth-")) {
                    return Files.readString(Path.of("/sys/fs/cgroup" + parts[2] + "/cpu.max"));
                }
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void log_overItsBound_isCutAndGoesOn() throws Exception {
        StartedInstance instance =
                start(
                        revision(
                                "chatty",
                                "64Mi",
                                "(while true; do echo 0123456789012345678901234567890123456789; done) & "
                                        + SERVER));
        Path folder = data.resolve("logs/services/chatty");
        until(() -> Files.exists(folder.resolve("chatty-00001-abc." + instance.id() + ".log.1")));
        stop(instance);
    }
}
