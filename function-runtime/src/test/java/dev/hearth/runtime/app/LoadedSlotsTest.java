package dev.hearth.runtime.app;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Slots that are loaded ahead of the start they are for, against the real kernel. Needs root, and
 * busybox (Debian's busybox-static).
 */
@Tag("root")
class LoadedSlotsTest {
    /** What the kernel says of the process that every instance begins with. */
    private static final String SERVER =
            "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|TracerPid|Sig)' /proc/self/status;"
                    + " cat /proc/self/limits; pwd; echo begun on $HOSTNAME;"
                    + " exec httpd -f -p $PORT -h /www";

    @TempDir Path data;
    private NodeAgent agent;

    @BeforeEach
    void start() throws IOException {
        BusyboxNode.prepare(data);
        agent = BusyboxNode.agent(data);
        agent.start();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        agent.stop();
        assertThat(held()).isEmpty();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    private StartedInstance start(String service) {
        return agent.start(revision(service)).toCompletableFuture().join();
    }

    private static RevisionSpec revision(String service) {
        return BusyboxNode.revision(service, SERVER);
    }

    private void stop(StartedInstance instance) {
        agent.stop(instance.id(), StopReason.REQUESTED).toCompletableFuture().join();
    }

    private InstanceView view(StartedInstance instance) {
        return agent.instances().stream()
                .filter(v -> v.id().equals(instance.id()))
                .findFirst()
                .orElseThrow();
    }

    /** A command that is held by its init. */
    private record Held(long pid, long init, String environment) {
        boolean isOf(String service) {
            return environment.contains("K_SERVICE=" + service + "\0");
        }
    }

    private List<Held> held() {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            String group = "hearth-" + PlatformId.of(data);
            return processes
                    .filter(p -> p.getFileName().toString().matches("\\d+"))
                    .filter(p -> read(p.resolve("cgroup")).contains(group))
                    .filter(p -> read(p.resolve("status")).contains("(tracing stop)"))
                    .map(
                            p ->
                                    new Held(
                                            Long.parseLong(p.getFileName().toString()),
                                            Long.parseLong(
                                                    read(p.resolve("status"))
                                                            .replaceAll(
                                                                    "(?s).*TracerPid:\t(\\d+).*",
                                                                    "$1")),
                                            read(p.resolve("environ"))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    private List<LogPage.Line> log(String service) {
        return agent.logs(new ServiceName(service), "", 1000).lines();
    }

    private List<String> logOf(StartedInstance instance, String service) {
        return log(service).stream()
                .filter(line -> line.instance().equals(instance.id().value()))
                .map(LogPage.Line::text)
                .toList();
    }

    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }

    @Test
    void start_again_isTheOneThatWasHeldBeforeItsFirstInstruction() throws Exception {
        StartedInstance first = start("again");
        until(() -> held().size() == 1);
        Held held = held().getFirst();
        assertThat(log("again"))
                .as("nothing of the held one ran")
                .hasSize(logOf(first, "again").size());
        assertThat(agent.instances()).as("it is no instance yet").hasSize(1);
        stop(first);

        StartedInstance second = start("again");

        assertThat(view(second).pid()).isEqualTo(held.init());
        assertThat(held.environment()).contains("HOSTNAME=" + second.id());
        assertThat(logOf(second, "again"))
                .as("ids, capabilities, filter, signals, limits and no tracer, as of the first")
                .contains("TracerPid:\t0", "NoNewPrivs:\t1", "Seccomp:\t2")
                .containsExactlyElementsOf(
                        logOf(first, "again").stream()
                                .map(l -> l.replace(first.id().value(), second.id().value()))
                                .toList());
        until(() -> held().size() == 1 && held().getFirst().pid() != held.pid());
        stop(second);
    }

    @Test
    void heldCommand_killed_nextStartTakesAnotherSlot() throws Exception {
        stop(start("killed"));
        until(() -> held().size() == 1);
        Held held = held().getFirst();
        kill(held.pid());
        until(() -> held().isEmpty());

        StartedInstance next = start("killed");

        assertThat(view(next).pid()).isNotEqualTo(held.init());
        assertThat(logOf(next, "killed")).contains("begun on " + next.id());
        stop(next);
    }

    @Test
    void initOfAHeldCommand_killed_slotIsFreedAndNextStartTakesAnother() throws Exception {
        stop(start("bereft"));
        until(() -> held().size() == 1);
        Held held = held().getFirst();
        kill(held.init());
        until(() -> ProcessHandle.of(held.pid()).isEmpty());

        StartedInstance next = start("bereft");

        assertThat(view(next).pid()).isNotEqualTo(held.init());
        stop(next);
    }

    @Test
    void forget_revision_itsSlotAndLogAreGone() throws Exception {
        StartedInstance first = start("forgotten");
        until(() -> held().size() == 1);
        stop(first);

        agent.forget(revision("forgotten").name());

        until(() -> held().isEmpty());
        try (Stream<Path> logs = Files.list(data.resolve("logs/services/forgotten"))) {
            assertThat(logs.map(p -> p.getFileName().toString()))
                    .containsExactly("forgotten-00001-abc." + first.id() + ".log");
        }
    }

    @Test
    void load_moreRevisionsThanMost_theOldestGoes() throws Exception {
        for (String service : List.of("one", "two", "three")) {
            stop(start(service));
            until(() -> held().stream().anyMatch(h -> h.isOf(service)));
        }
        until(() -> held().size() == 2);
        assertThat(held()).noneMatch(h -> h.isOf("one"));
    }
}
