package dev.hearth.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group of real processes in the cgroups of this machine, of whichever version they are. */
@Tag("root")
class CgroupKernelTest {
    @TempDir Path scratch;
    private CgroupHost host;
    private Cgroup group;

    @BeforeEach
    void makeGroup() throws IOException {
        host =
                CgroupHost.detect(
                        Files.readAllLines(Path.of("/proc/self/mountinfo")),
                        "hearth-test-" + ProcessHandle.current().pid());
        group = host.create("s1");
    }

    @AfterEach
    void removeGroup() throws IOException {
        group.kill();
        group.remove();
        host.removeParent();
    }

    /** Runs a shell script in the group. */
    private Process run(String script) throws IOException {
        StringBuilder join = new StringBuilder();
        for (Path file : group.joinFiles()) {
            Path written = Files.isDirectory(file) ? file.resolve("cgroup.procs") : file;
            join.append("echo 0 > ").append(written).append("; ");
        }
        return new ProcessBuilder("/bin/busybox", "sh", "-c", join + script)
                .redirectErrorStream(true)
                .start();
    }

    private static void until(String what, BooleanSupplier condition) {
        assertThat(Await.until(condition, 10_000)).as(what).isTrue();
    }

    @Test
    void freeze_spinningProcess_usesNoCpuUntilThawed() throws Exception {
        run("while :; do :; done");
        until("it runs", () -> group.cpuStatistics().usedMicros() > 0);

        group.freeze();
        long used = group.cpuStatistics().usedMicros();
        assertThat(Await.until(() -> group.cpuStatistics().usedMicros() > used, 200))
                .as("runs while frozen")
                .isFalse();

        group.thaw();
        until("it runs again", () -> group.cpuStatistics().usedMicros() > used);
    }

    /** With swap or without: whatever could go, the group is bounded as before, and goes on. */
    @Test
    void pageOut_frozenGroup_runsOnWithinItsLimit() throws Exception {
        group.limit(DataSize.parse("64Mi"), 100);
        Process holder =
                run(
                        "x=$(busybox head -c 1000000 /dev/zero | busybox tr '\\0' y); echo ${#x}; read go; echo ${#x}");
        var said = holder.inputReader();
        assertThat(said.readLine()).isEqualTo("1000000");
        group.freeze();
        while (group.pageOut(256 << 10) && group.memoryInUse() > 256 << 10) {
            assertThat(holder.isAlive()).isTrue();
        }
        group.endPaging();
        group.thaw();
        holder.outputWriter().append("go\n").flush();
        assertThat(said.readLine()).isEqualTo("1000000");
        assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(group.oomKills()).isZero();
    }

    @Test
    void kill_forkingProcesses_noneIsLeft() throws Exception {
        Process bomb = run("while :; do busybox sleep 60 & done");
        until("some run", () -> group.processes().size() > 20);
        group.kill();
        assertThat(group.processes()).isEmpty();
        assertThat(bomb.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void kill_frozenProcess_isGone() throws Exception {
        Process sleeper = run("exec busybox sleep 60");
        until("it runs", () -> group.processes().size() == 1);
        group.freeze();
        group.kill();
        assertThat(sleeper.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** A slot is made with the usual limit, and its revision may want more, or less. */
    @Test
    void limit_upAndDownAgain_holds() throws Exception {
        for (String size : List.of("512Mi", "1Gi", "64Mi", "2Gi", "2Gi")) {
            group.limit(DataSize.parse(size), 100);
        }
        group.limit(DataSize.parse("16Mi"), 100);
        Process hungry = run("exec dd if=/dev/zero of=/dev/null bs=64M count=1");
        assertThat(hungry.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(group.oomKills()).isPositive();
    }

    @Test
    void setCpu_downAndUpAgain_throttles() throws Exception {
        group.setCpu(Optional.of(new Cpu(2000)), new Cpu(2000));
        group.setCpu(Optional.of(new Cpu(50)), new Cpu(50)); // below the burst that was in force
        run("while :; do :; done");
        until("it is throttled", () -> group.cpuStatistics().throttledPeriods() > 3);
        assertThat(group.cpuStatistics().periods()).isPositive();
        assertThat(group.cpuStatistics().throttledMicros()).isPositive();
        group.setCpu(Optional.empty(), new Cpu(1000));
    }

    @Test
    void devices_otherThanTheListed_cannotBeOpenedOrMade() throws Exception {
        if (host.version() == 2) {
            return; // there the launcher's BPF program does it: CgroupV2MachineTest
        }
        Path memory = scratch.resolve("mem");
        assertThat(
                        new ProcessBuilder(
                                        "/bin/busybox", "mknod", memory.toString(), "c", "1", "1")
                                .start()
                                .waitFor())
                .isZero();
        Process probe =
                run(
                        "busybox head -c 1 %1$s; busybox mknod %1$s.own b 7 0; busybox head -c 1 /dev/zero | busybox wc -c"
                                .formatted(memory));
        assertThat(new String(probe.getInputStream().readAllBytes()).lines())
                .hasSize(3)
                .satisfiesExactly(
                        opened -> assertThat(opened).contains("Operation not permitted"),
                        made -> assertThat(made).contains("Operation not permitted"),
                        zero -> assertThat(zero).isEqualTo("1"));
    }

    @Test
    void existing_groupOfAnEarlierRun_isFound() throws IOException {
        assertThat(host.existing())
                .singleElement()
                .satisfies(g -> assertThat(g.processes()).isEqualTo(List.of()));
    }
}
