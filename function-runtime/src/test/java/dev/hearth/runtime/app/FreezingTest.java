package dev.hearth.runtime.app;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.runtime.cgroup.Swap;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lower rungs of the warm ladder on the real kernel, with a container that does something all
 * the time. Needs root, and busybox (Debian's busybox-static).
 */
@Tag("root")
class FreezingTest {
    private static final int TRIES = 50;

    @TempDir Path data;
    private NodeAgent agent;
    private final BlockingQueue<InstanceExit> exits = new LinkedBlockingQueue<>();

    @BeforeEach
    void startAgent() throws IOException {
        BusyboxNode.prepare(data);
        agent = BusyboxNode.agent(data);
        agent.onExit(exits::add);
        agent.start();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    private StartedInstance start(String name) {
        return agent.start(BusyboxNode.revision(name, BusyboxNode.SERVER))
                .toCompletableFuture()
                .join();
    }

    /** As the gateway does it. */
    private void freeze(InstanceId id, Warmth warmth) {
        agent.setCpu(id, new Cpu(50), true);
        agent.freeze(id, warmth);
    }

    private void thaw(InstanceId id) {
        agent.thaw(id).toCompletableFuture().join();
    }

    private InstanceView view(InstanceId id) {
        return agent.instances().stream().filter(v -> v.id().equals(id)).findFirst().orElseThrow();
    }

    private boolean is(InstanceId id, String state) {
        return view(id).state().equals(state);
    }

    private static String get(StartedInstance instance) throws IOException {
        try (var in = URI.create("http://" + instance.host() + ":8080/").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private long logged(String service) throws IOException {
        try (var files = Files.list(data.resolve("logs/services/" + service))) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        }
    }

    @Test
    void frozen_doesNothingUntilItIsThawed_andServesThen() throws Exception {
        StartedInstance instance = start("frozen");
        assertThat(get(instance)).isEqualTo("hello\n");

        freeze(instance.id(), Warmth.FROZEN);
        until(() -> is(instance.id(), "frozen"));
        long before = logged("frozen");
        Thread.sleep(300); // six of its lines; what does not happen cannot be waited for
        assertThat(logged("frozen")).isEqualTo(before);

        agent.setCpu(instance.id(), new Cpu(500), false);
        assertThat(view(instance.id()).state()).isEqualTo("frozen");
        thaw(instance.id());
        assertThat(view(instance.id()).state()).isEqualTo("ready");
        assertThat(get(instance)).isEqualTo("hello\n");
        assertThat(logged("frozen")).isGreaterThanOrEqualTo(before);
    }

    @Test
    void freezeAndThaw_manyTimesAtOnce_theLastOneHolds() throws Exception {
        StartedInstance instance = start("fickle");
        for (int i = 0; i < TRIES; i++) {
            freeze(instance.id(), Warmth.FROZEN);
            agent.setCpu(instance.id(), new Cpu(500), false);
            thaw(instance.id());
            assertThat(get(instance)).isEqualTo("hello\n");
        }
        freeze(instance.id(), Warmth.FROZEN);
        until(() -> is(instance.id(), "frozen"));
    }

    @Test
    void freeze_again_changesNothing_andOfOneThatIsGone_neitherDoesAThaw() throws Exception {
        StartedInstance instance = start("again");
        freeze(instance.id(), Warmth.FROZEN);
        freeze(instance.id(), Warmth.FROZEN);
        until(() -> is(instance.id(), "frozen"));
        thaw(instance.id());
        thaw(instance.id());
        assertThat(get(instance)).isEqualTo("hello\n");
        agent.stop(instance.id(), StopReason.REQUESTED).toCompletableFuture().join();
        agent.freeze(instance.id(), Warmth.FROZEN);
        thaw(instance.id());
    }

    /** The rung below is passed over where nothing could be pushed out to. */
    @Test
    void page_withoutSwap_isFrozenAndNoMore() throws Exception {
        StartedInstance instance = start("paged");
        freeze(instance.id(), Warmth.PAGED);
        String deepest = Swap.freeBytes() > 0 ? "paged" : "frozen";
        until(() -> is(instance.id(), deepest));
        thaw(instance.id());
        assertThat(get(instance)).isEqualTo("hello\n");
    }

    @Test
    void stop_frozenInstance_endsByItsSignalWithinTheGrace() throws Exception {
        StartedInstance instance =
                agent.start(
                                BusyboxNode.revision(
                                        "stopped",
                                        "trap 'echo told; exit 0' TERM; httpd -p $PORT -h /www;"
                                                + " while :; do sleep 0.05; done"))
                        .toCompletableFuture()
                        .join();
        freeze(instance.id(), Warmth.FROZEN);
        until(() -> is(instance.id(), "frozen"));

        agent.stop(instance.id(), StopReason.SCALED_DOWN).toCompletableFuture().join();

        InstanceExit exit = exits.poll(5, TimeUnit.SECONDS);
        assertThat(exit).isNotNull();
        assertThat(exit.cause()).isEqualTo(new ExitCause.Stopped(StopReason.SCALED_DOWN));
        assertThat(logText("stopped")).contains("told");
        assertThat(agent.instances()).isEmpty();
    }

    private String logText(String service) throws IOException {
        try (var files = Files.list(data.resolve("logs/services/" + service))) {
            StringBuilder text = new StringBuilder();
            for (Path file : files.toList()) {
                text.append(Files.readString(file));
            }
            return text.toString();
        }
    }

    /** Version 1 lets a frozen process die with its thaw only; the request then finds that out. */
    @Test
    void kill_frozenInstance_itsEndIsTold_atItsThawAtTheLatest() throws Exception {
        StartedInstance instance = start("killed");
        freeze(instance.id(), Warmth.FROZEN);
        until(() -> is(instance.id(), "frozen"));
        new ProcessBuilder("kill", "-9", Integer.toString(view(instance.id()).pid()))
                .start()
                .waitFor();
        InstanceExit exit = exits.poll(1, TimeUnit.SECONDS);
        System.out.printf(
                "killed while frozen: told %s%n", exit == null ? "at its thaw" : "at once");
        if (exit == null) {
            thaw(instance.id());
            exit = exits.poll(5, TimeUnit.SECONDS);
        }
        assertThat(exit).isNotNull();
        assertThat(exit.cause()).isEqualTo(new ExitCause.Killed(9));
        until(() -> agent.instances().isEmpty());
    }

    /** What a request waits for, beside what it would wait for if the instance had been stopped. */
    @Test
    void thaw_besideAColdStart_costsLittle() throws Exception {
        StartedInstance instance = start("thawed");
        long[] thaws = new long[TRIES];
        for (int i = 0; i < TRIES; i++) {
            freeze(instance.id(), Warmth.FROZEN);
            until(() -> is(instance.id(), "frozen"));
            long begun = System.nanoTime();
            thaw(instance.id());
            thaws[i] = System.nanoTime() - begun;
        }
        long[] starts = new long[TRIES];
        for (int i = 0; i < TRIES; i++) {
            long begun = System.nanoTime();
            StartedInstance other = start("cold");
            starts[i] = System.nanoTime() - begun;
            agent.stop(other.id(), StopReason.REQUESTED).toCompletableFuture().join();
        }
        double thaw = median(thaws) / 1e6;
        double start = median(starts) / 1e6;
        System.out.printf(
                "thaw %.3f ms, cold start of busybox %.3f ms (medians of %d): %.2fx%n",
                thaw, start, TRIES, thaw / start);
        assertThat(thaw).isLessThan(start);
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
