package dev.hearth.runtime.app;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of containers when the runtime or its launcher is killed. Needs root, and busybox
 * (Debian's busybox-static).
 */
@Tag("root")
class SurvivalTest {
    @TempDir Path data;
    private NodeAgent agent;
    private final BlockingQueue<InstanceExit> exits = new LinkedBlockingQueue<>();

    @BeforeEach
    void prepare() throws IOException {
        BusyboxNode.prepare(data);
        agent = BusyboxNode.agent(data);
        agent.onExit(exits::add);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        String platform = PlatformId.of(data);
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
        assertThat(launchers()).isEmpty();
        assertThat(run("nft", "list", "tables")).doesNotContain("hearth_" + platform);
    }

    // ---- helpers

    private record Survivor(String id, int pid, String host) {}

    /** A runtime in a JVM of its own that is killed as soon as its instance serves. */
    private Survivor startInAJvmThatIsKilled(String... how) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx128m",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BusyboxNode.class.getName(),
                                data.toString()));
        command.addAll(List.of(how));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        StringBuilder said = new StringBuilder();
        try (BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.append(line).append('\n');
                if (line.startsWith("started ")) {
                    String[] words = line.split(" ");
                    Survivor s = new Survivor(words[1], Integer.parseInt(words[2]), words[3]);
                    int instances = Integer.parseInt(words[4]);
                    until(() -> notesWithTheLauncher() == instances);
                    jvm.destroyForcibly().waitFor();
                    return s;
                }
            }
        }
        throw new AssertionError("the other JVM ended and said: " + said);
    }

    /** They show among the launcher's descriptors; -1 while it is being replaced. */
    private long notesWithTheLauncher() {
        List<Long> running = launchers();
        if (running.isEmpty()) {
            return -1;
        }
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + running.getFirst() + "/fd"))) {
            return fds.filter(fd -> target(fd).contains("hearth-note")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    private List<Long> launchers() {
        String socket = data.resolve("run/launcher.sock").toString();
        return ProcessHandle.allProcesses()
                .filter(p -> commandLine(p.pid()).contains(socket))
                .map(ProcessHandle::pid)
                .toList();
    }

    /** The one there is, when no slot that is being cloned looks like another. */
    private Long launcher() throws InterruptedException {
        until(() -> launchers().size() == 1);
        return launchers().getFirst();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(
                            Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }

    private static boolean isAlive(int pid) {
        return ProcessHandle.of(pid).isPresent() && !commandLine(pid).isEmpty();
    }

    private void killLauncher() throws Exception {
        run("kill", "-9", launcher().toString());
    }

    private static String run(String... command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        p.waitFor();
        return out;
    }

    private StartedInstance start(String name) {
        return agent.start(BusyboxNode.revision(name, BusyboxNode.SERVER))
                .toCompletableFuture()
                .join();
    }

    private InstanceView view(String id) {
        return agent.instances().stream()
                .filter(v -> v.id().value().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String get(String host) throws IOException {
        try (var in = URI.create("http://" + host + ":8080/").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private long logSize(String service) {
        try (Stream<Path> files = Files.list(data.resolve("logs/services/" + service))) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- the runtime is killed

    @Test
    void runtimeKilled_containerGoesOnAndTheNextRuntimeAdoptsIt() throws Exception {
        Survivor survivor = startInAJvmThatIsKilled();
        assertThat(get(survivor.host)).isEqualTo("hello\n");
        long logged = logSize("survivor");
        until(() -> logSize("survivor") > logged);

        agent.start();

        InstanceView view = view(survivor.id);
        assertThat(agent.instances()).hasSize(1);
        assertThat(view.pid()).isEqualTo(survivor.pid);
        assertThat(view.host()).isEqualTo(survivor.host);
        assertThat(view.state()).isEqualTo("ready");
        assertThat(view.memoryBytes()).isPositive();
        assertThat(get(survivor.host)).isEqualTo("hello\n");

        // quota, new neighbours and the end work as ever
        agent.setCpu(view.id(), new Cpu(50), true);
        until(() -> view(survivor.id).cpuMillis() == 50);
        StartedInstance other = start("other");
        assertThat(other.host()).isNotEqualTo(survivor.host);
        assertThat(get(other.host())).isEqualTo("hello\n");
        agent.stop(view.id(), StopReason.REQUESTED).toCompletableFuture().join();
        InstanceExit exit = exits.poll(5, TimeUnit.SECONDS);
        assertThat(exit).isNotNull();
        assertThat(exit.id()).isEqualTo(view.id());
        assertThat(isAlive(survivor.pid)).isFalse();
    }

    @Test
    void runtimeKilled_frozenContainer_isAdoptedFrozen_andThaws() throws Exception {
        Survivor survivor = startInAJvmThatIsKilled("frozen");
        long logged = logSize("survivor");

        agent.start();

        InstanceView view = view(survivor.id);
        assertThat(view.state()).isEqualTo("frozen");
        assertThat(logSize("survivor")).isEqualTo(logged);
        agent.thaw(view.id()).toCompletableFuture().join();
        assertThat(view(survivor.id).state()).isEqualTo("ready");
        assertThat(get(survivor.host)).isEqualTo("hello\n");
        agent.freeze(view.id(), Warmth.FROZEN);
        until(() -> view(survivor.id).state().equals("frozen"));
        agent.stop(view.id(), StopReason.REQUESTED).toCompletableFuture().join();
        assertThat(isAlive(survivor.pid)).isFalse();
    }

    @Test
    void runtimeAndLauncherKilled_frozenContainer_isTakenAway() throws Exception {
        Survivor survivor = startInAJvmThatIsKilled("frozen");
        killLauncher();
        agent.start();
        assertThat(agent.instances()).isEmpty();
        until(() -> !isAlive(survivor.pid));
    }

    @Test
    void launcherKilled_frozenInstance_thawsAndStops() throws Exception {
        agent.start();
        StartedInstance frozen = start("frozen");
        agent.freeze(frozen.id(), Warmth.FROZEN);
        until(() -> view(frozen.id().value()).state().equals("frozen"));
        killLauncher();
        start("after");
        agent.thaw(frozen.id()).toCompletableFuture().join();
        assertThat(get(frozen.host())).isEqualTo("hello\n");
        agent.freeze(frozen.id(), Warmth.FROZEN);
        agent.stop(frozen.id(), StopReason.REQUESTED).toCompletableFuture().join();
        assertThat(agent.instances()).hasSize(1);
    }

    @Test
    void runtimeKilledTwice_adoptedAgain() throws Exception {
        Survivor survivor = startInAJvmThatIsKilled();
        Survivor second = startInAJvmThatIsKilled();
        agent.start();
        assertThat(view(survivor.id).pid()).isEqualTo(survivor.pid);
        assertThat(view(second.id).pid()).isEqualTo(second.pid);
        assertThat(agent.instances()).hasSize(2);
    }

    @Test
    void runtimeAndLauncherKilled_nextStartTakesAwayWhatIsLeft() throws Exception {
        Survivor survivor = startInAJvmThatIsKilled();
        killLauncher();
        assertThat(get(survivor.host)).isEqualTo("hello\n");

        agent.start();

        assertThat(agent.instances()).isEmpty();
        until(() -> !isAlive(survivor.pid));
        assertThat(get(start("other").host())).isEqualTo("hello\n");
    }

    @Test
    void containerEndsWhileNoRuntimeIsThere_nothingOfItIsAdopted() throws Exception {
        Survivor survivor = startInAJvmThatIsKilled();
        run("kill", "-9", Integer.toString(survivor.pid));
        until(() -> !isAlive(survivor.pid));
        agent.start();
        assertThat(agent.instances()).isEmpty();
    }

    // ---- the launcher is killed

    @Test
    void launcherKilled_instancesServeOnAndNewOnesStart() throws Exception {
        agent.start();
        StartedInstance before = start("before");
        int pid = view(before.id().value()).pid();
        killLauncher();
        long killed = System.nanoTime();
        assertThat(get(before.host())).isEqualTo("hello\n");
        StartedInstance after = start("after");
        System.out.printf(
                "launcher killed: the first new instance serves after %d ms%n",
                (System.nanoTime() - killed) / 1_000_000);
        assertThat(get(after.host())).isEqualTo("hello\n");
        assertThat(get(before.host())).isEqualTo("hello\n");
        assertThat(view(before.id().value()).pid()).isEqualTo(pid);
        assertThat(exits).isEmpty();
        agent.stop(before.id(), StopReason.REQUESTED).toCompletableFuture().join();
        assertThat(isAlive(pid)).isFalse();
    }

    @Test
    void launcherKilled_endOfAnAdoptedInstanceIsTold() throws Exception {
        agent.start();
        StartedInstance killed = start("killed");
        StartedInstance leaves =
                agent.start(
                                BusyboxNode.revision(
                                        "leaves",
                                        "httpd -p $PORT -h /www; while [ ! -e /www/end ]; do"
                                                + " sleep 0.05; done; exit 7"))
                        .toCompletableFuture()
                        .join();
        int pid = view(killed.id().value()).pid();
        int leaving = view(leaves.id().value()).pid();
        killLauncher();
        StartedInstance after = start("after");
        run("kill", "-9", Integer.toString(pid));
        InstanceExit exit = exits.poll(10, TimeUnit.SECONDS);
        assertThat(exit).isNotNull();
        assertThat(exit.id()).isEqualTo(killed.id());
        assertThat(exit.cause()).isEqualTo(new ExitCause.Killed(9));
        Files.createFile(Path.of("/proc/" + leaving + "/root/www/end"));
        exit = exits.poll(10, TimeUnit.SECONDS);
        assertThat(exit).isNotNull();
        assertThat(exit.id()).isEqualTo(leaves.id());
        assertThat(exit.cause()).isIn(new ExitCause.Exited(7), new ExitCause.Unwatched());
        assertThat(agent.instances()).extracting(InstanceView::id).containsExactly(after.id());
    }

    @Test
    void launcherKilled_startUnderWayIsTriedAgain() throws Exception {
        agent.start();
        CompletableFuture<StartedInstance> slow =
                agent.start(
                                BusyboxNode.revision(
                                        "slow", "echo begun; sleep 1; " + BusyboxNode.SERVER))
                        .toCompletableFuture();
        until(() -> Files.isDirectory(data.resolve("logs/services/slow")) && logSize("slow") > 0);
        killLauncher();
        assertThat(get(slow.get(20, TimeUnit.SECONDS).host())).isEqualTo("hello\n");
        assertThat(agent.instances()).hasSize(1);
    }

    @Test
    void launcherThenRuntimeKilled_stillAdopted() throws Exception {
        agent.start();
        StartedInstance instance = start("twice");
        killLauncher();
        start("after");
        until(() -> notesWithTheLauncher() == 2);
        List<Long> replaced = List.of(launcher());
        killLauncher();
        until(() -> launchers().size() == 1 && !launchers().equals(replaced));
        assertThat(get(instance.host())).isEqualTo("hello\n");
        assertThat(start("more").host()).isNotEqualTo(instance.host());
        assertThat(agent.instances()).hasSize(3);
    }
}
