package dev.hearth.runtime.app;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose memory is short, as files of the test's own tell it, with real instances. Needs
 * root, and busybox (Debian's busybox-static).
 */
@Tag("root")
class EvictionTest {
    @TempDir Path data;
    @TempDir Path proc;
    private NodeAgent agent;
    private final BlockingQueue<InstanceExit> exits = new LinkedBlockingQueue<>();
    private final BlockingQueue<InstanceId> asked = new LinkedBlockingQueue<>();

    @BeforeEach
    void startAgent() throws IOException {
        available(50);
        BusyboxNode.prepare(data);
        agent = BusyboxNode.agent(data, proc);
        agent.onExit(exits::add);
        agent.onShortage(asked::add);
        agent.start();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    /** So many per cent of 100 MiB. */
    private void available(int percent) throws IOException {
        Path whole = Files.createTempFile(proc, "meminfo", "");
        Files.writeString(
                whole, "MemTotal: 102400 kB\nMemAvailable: %d kB\n".formatted(percent * 1024));
        Files.move(
                whole,
                proc.resolve("meminfo"),
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private StartedInstance start(String name) {
        return agent.start(BusyboxNode.revision(name, BusyboxNode.SERVER))
                .toCompletableFuture()
                .join();
    }

    private void rest(StartedInstance instance) {
        agent.setCpu(instance.id(), new Cpu(50), true);
        agent.freeze(instance.id(), Warmth.FROZEN);
    }

    private void use(StartedInstance instance) {
        agent.thaw(instance.id()).toCompletableFuture().join();
        agent.setCpu(instance.id(), new Cpu(500), false);
    }

    private String state(StartedInstance instance) {
        return agent.instances().stream()
                .filter(v -> v.id().equals(instance.id()))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void memoryShort_theIdleOneThatIsUsedLeast_isAskedFor_andSaysWhyItStopped() throws Exception {
        StartedInstance busy = start("busy");
        StartedInstance often = start("often");
        StartedInstance seldom = start("seldom");
        for (int i = 0; i < 10; i++) {
            rest(often);
            use(often);
        }
        rest(often);
        rest(seldom);
        until(() -> state(often).equals("frozen") && state(seldom).equals("frozen"));
        assertThat(asked.poll(2, TimeUnit.SECONDS)).as("while there is memory").isNull();

        available(4);

        assertThat(asked.poll(10, TimeUnit.SECONDS)).isEqualTo(seldom.id());
        available(50);
        assertThat(agent.instances()).as("nothing was stopped by the node itself").hasSize(3);

        agent.stop(seldom.id(), StopReason.EVICTED).toCompletableFuture().join();
        InstanceExit exit = exits.poll(5, TimeUnit.SECONDS);
        assertThat(exit).isNotNull();
        assertThat(exit.cause()).isEqualTo(new ExitCause.Stopped(StopReason.EVICTED));
        assertThat(log("seldom")).contains("hearth: idle, and stopped because the node's memory");
        try (var in = URI.create("http://" + busy.host() + ":8080/").toURL().openStream()) {
            assertThat(in.readAllBytes()).isNotEmpty();
        }
    }

    @Test
    void memoryShort_noneIdle_noneIsAskedFor() throws Exception {
        start("busy");
        available(1);
        assertThat(asked.poll(3, TimeUnit.SECONDS)).isNull();
    }

    private String log(String service) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(data.resolve("logs/services/" + service))) {
            for (Path file : files.toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }
}
