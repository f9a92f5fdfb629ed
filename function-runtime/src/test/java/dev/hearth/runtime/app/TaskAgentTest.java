package dev.hearth.runtime.app;

import static dev.hearth.runtime.app.TaskAgent.HERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import dev.hearth.testing.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs to its end on a real node. Needs root, and busybox (Debian's busybox-static). */
@Tag("root")
class TaskAgentTest {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @TempDir Path data;
    private NodeAgent agent;
    private TaskAgent tasks;

    @BeforeEach
    void prepare() throws IOException {
        BusyboxNode.prepare(data);
        agent = BusyboxNode.agent(data);
        tasks = new TaskAgent(agent);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    static RevisionSpec attempt(String name, String command) {
        return attempt(name, command, 64);
    }

    private static RevisionSpec attempt(String name, String command, int mebibytes) {
        return new RevisionSpec(
                new RevisionName(name),
                new JobName("nightly").asService(),
                "test",
                dev.hearth.contracts.Digest.sha256("0".repeat(64)),
                ContainerSpec.toEnd(
                        List.of(), List.of(command), Map.of("CLOUD_RUN_TASK_INDEX", "7")),
                new Resources(new Cpu(500), DataSize.mebibytes(mebibytes)),
                new Scaling(1, 0, 1, Duration.ofSeconds(60)),
                Egress.DEFAULT,
                Duration.ofSeconds(20),
                Instant.EPOCH);
    }

    private void run(RevisionSpec attempt) {
        tasks.run(HERE, attempt).toCompletableFuture().join();
    }

    private Optional<Report> report(String attempt) {
        return tasks.reports(HERE).toCompletableFuture().join().stream()
                .filter(r -> r.attempt().value().equals(attempt))
                .findFirst();
    }

    private Ending ending(String attempt) throws InterruptedException {
        until(() -> report(attempt).flatMap(Report::ending).isPresent());
        return report(attempt).flatMap(Report::ending).orElseThrow();
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        Eventually.until("the task goes on", WITHIN, condition);
    }

    private List<String> lines() {
        return tasks.logs(new JobName("nightly"), "", 100).lines().stream()
                .map(LogPage.Line::text)
                .toList();
    }

    @Test
    void run_exits_statusKeptLoggedAndTold() throws Exception {
        AtomicInteger ends = new AtomicInteger();
        tasks.onEnd(ends::incrementAndGet);
        agent.start();

        run(attempt("nightly-aaaaa-7-0", "echo index $CLOUD_RUN_TASK_INDEX port $PORT.; exit 3"));

        assertThat(ending("nightly-aaaaa-7-0").cause()).isEqualTo(new ExitCause.Exited(3));
        assertThat(report("nightly-aaaaa-7-0").orElseThrow().instance()).isPresent();
        assertThat(lines()).contains("index 7 port .");
        until(() -> ends.get() == 1);
        assertThat(agent.instances()).isEmpty();
    }

    @Test
    void run_again_isTheSameAndRunsOnce() throws Exception {
        agent.start();
        RevisionSpec attempt = attempt("nightly-aaaaa-0-0", "echo ran; exit 0");
        CompletableFuture<?>[] runs =
                IntStream.range(0, 8)
                        .mapToObj(i -> tasks.run(HERE, attempt).toCompletableFuture())
                        .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(runs).join();
        assertThat(ending("nightly-aaaaa-0-0").cause()).isEqualTo(new ExitCause.Exited(0));

        run(attempt);
        tasks.forget(HERE, attempt.name()).toCompletableFuture().join();
        run(attempt); // a call that comes late

        assertThat(report("nightly-aaaaa-0-0")).isEmpty();
        assertThat(lines()).containsOnlyOnce("ran");
    }

    @Test
    void run_noSuchCommand_isAnEnd() throws Exception {
        agent.start();
        RevisionSpec attempt = attempt("nightly-aaaaa-0-0", "true");
        run(attempt.withContainer(ContainerSpec.toEnd(List.of("/no/such"), List.of(), Map.of())));

        assertThat(ending("nightly-aaaaa-0-0").cause()).isInstanceOf(ExitCause.NotStarted.class);
    }

    @Test
    void run_moreThanTheNodeHas_isRefusedAndNotBegun() {
        agent.start();
        int mebibytes = (int) (agent.memoryBytes() >> 20);
        assertThat(tasks.place(attempt("nightly-aaaaa-0-0", "true", mebibytes))).isEmpty();
        assertThatThrownBy(() -> run(attempt("nightly-aaaaa-0-0", "true", mebibytes)))
                .isInstanceOf(CompletionException.class)
                .extracting(e -> HearthException.from(e).reason())
                .isEqualTo("node-full");
        assertThat(report("nightly-aaaaa-0-0")).isEmpty();
    }

    @Test
    void run_asManyAsThereIsCpuFor_oneMoreWaits() throws Exception {
        agent.start();
        int most = 2 * Runtime.getRuntime().availableProcessors(); // of half a core each
        for (int i = 0; i < most; i++) {
            run(attempt("nightly-aaaaa-" + i + "-0", "exec sleep 600"));
        }
        RevisionSpec more = attempt("nightly-aaaaa-100-0", "true");
        assertThat(tasks.place(more)).isEmpty();

        tasks.stop(HERE, new RevisionName("nightly-aaaaa-0-0"), StopReason.REQUESTED)
                .toCompletableFuture()
                .join();

        assertThat(ending("nightly-aaaaa-0-0").cause())
                .isEqualTo(new ExitCause.Stopped(StopReason.REQUESTED));
        assertThat(tasks.place(more)).isPresent();
    }

    @Test
    void run_overItsMemory_isOutOfMemory() throws Exception {
        agent.start();
        run(attempt("nightly-aaaaa-0-0", "exec tail -c 900m /dev/zero", 16));
        assertThat(ending("nightly-aaaaa-0-0").cause()).isInstanceOf(ExitCause.OutOfMemory.class);
    }

    // ---- the runtime is killed

    /** In a JVM of its own, which is killed as soon as the attempt runs. */
    private void runInAJvmThatIsKilled(String name, String command) throws Exception {
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx128m",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OtherRuntime.class.getName(),
                                data.toString(),
                                name,
                                command)
                        .redirectErrorStream(true)
                        .start();
        StringBuilder said = new StringBuilder();
        try (BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.append(line).append('\n');
                if (line.equals("running")) {
                    jvm.destroyForcibly().waitFor();
                    return;
                }
            }
        }
        throw new AssertionError("the other JVM ended and said: " + said);
    }

    /** Runs an attempt, and waits for its own end. */
    static final class OtherRuntime {
        private OtherRuntime() {}

        public static void main(String[] args) throws Exception {
            NodeAgent agent = BusyboxNode.agent(Path.of(args[0]));
            agent.start();
            new TaskAgent(agent).run(HERE, attempt(args[1], args[2])).toCompletableFuture().join();
            System.out.println("running");
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    @Test
    void runtimeKilled_taskGoesOnAndTheNextRuntimeHearsItsEnd() throws Exception {
        runInAJvmThatIsKilled(
                "nightly-aaaaa-0-0", "while [ ! -e /www/end ]; do sleep 0.05; done; exit 4");

        agent.start();

        assertThat(report("nightly-aaaaa-0-0").orElseThrow().ending()).isEmpty();
        run(attempt("nightly-aaaaa-0-0", "exit 0")); // known, and not begun again
        Files.createFile(root().resolve("www/end"));
        assertThat(ending("nightly-aaaaa-0-0").cause()).isEqualTo(new ExitCause.Exited(4));
    }

    /** The one container's root directory, as the host sees it. */
    private static Path root() throws IOException {
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            Path root = Path.of("/proc/" + process.pid() + "/root");
            if (process.info().commandLine().orElse("").contains("/www/end")
                    && !process.info().commandLine().orElse("").contains("java")) {
                return root;
            }
        }
        throw new IOException("no container runs");
    }

    @Test
    void runtimeKilled_taskEndsMeanwhile_theNextRuntimeKnowsHow() throws Exception {
        runInAJvmThatIsKilled("nightly-aaaaa-0-0", "echo begun; sleep 1; echo done; exit 5");
        Path logs = data.resolve("logs/services/job--nightly");
        until(() -> contains(logs, "done"));
        Thread.sleep(Duration.ofMillis(300)); // not only its last word, but its end

        agent.start();

        assertThat(ending("nightly-aaaaa-0-0").cause()).isEqualTo(new ExitCause.Exited(5));
        run(attempt("nightly-aaaaa-0-0", "exit 0"));
        assertThat(ending("nightly-aaaaa-0-0").cause()).isEqualTo(new ExitCause.Exited(5));
    }

    private static boolean contains(Path logs, String text) {
        try (var files = Files.list(logs)) {
            for (Path file : files.toList()) {
                if (Files.readString(file).contains(text)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void agentStopped_taskIsStoppedAndThatIsKnownAfterwards() throws Exception {
        agent.start();
        run(attempt("nightly-aaaaa-0-0", "exec sleep 600"));
        agent.stop();

        agent = BusyboxNode.agent(data);
        tasks = new TaskAgent(agent);
        agent.start();

        assertThat(ending("nightly-aaaaa-0-0").cause())
                .isEqualTo(new ExitCause.Stopped(StopReason.PLATFORM_STOPPING));
    }
}
