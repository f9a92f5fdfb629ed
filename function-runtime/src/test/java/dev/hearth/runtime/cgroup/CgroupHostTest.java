package dev.hearth.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both layouts in plain directories: which files are written, with what. What the kernel makes of
 * it is shown by CgroupKernelTest and NodeAgentTest on this machine, and for version 2 by
 * CgroupV2MachineTest on a kernel of its own.
 */
class CgroupHostTest {
    @TempDir Path root;

    private static String mount(Path path, String type, String options) {
        return "30 24 0:26 / %s rw,nosuid - %s none rw,%s".formatted(path, type, options);
    }

    private static void files(Path directory, String... names) throws IOException {
        Files.createDirectories(directory);
        for (String name : names) {
            Files.writeString(directory.resolve(name), "");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private CgroupHost v2() throws IOException {
        for (Path group : List.of(root, root.resolve("hearth"))) {
            files(group, "cgroup.subtree_control", "cgroup.procs");
            Files.writeString(group.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
        }
        return CgroupHost.detect(List.of(mount(root, "cgroup2", "nsdelegate")), "hearth");
    }

    private CgroupHost v1() throws IOException {
        for (String c : List.of("cpu,cpuacct", "memory", "pids")) {
            files(root.resolve(c));
        }
        return CgroupHost.detect(
                List.of(
                        mount(root.resolve("cpu,cpuacct"), "cgroup", "cpu,cpuacct"),
                        mount(root.resolve("memory"), "cgroup", "memory"),
                        mount(root.resolve("pids"), "cgroup", "pids"),
                        mount(root.resolve("unified"), "cgroup2", "nsdelegate")),
                "hearth");
    }

    @Test
    void detect_onlyUnified_version2WithItsControllersOn() throws IOException {
        assertThat(v2().version()).isEqualTo(2);
        assertThat(read(root.resolve("cgroup.subtree_control"))).isEqualTo("+cpu +memory +pids");
        assertThat(read(root.resolve("hearth/cgroup.subtree_control")))
                .isEqualTo("+cpu +memory +pids");
    }

    @Test
    void detect_hybrid_version1() throws IOException {
        assertThat(v1().version()).isEqualTo(1);
    }

    @Test
    void detect_nothingMounted_saysWhatToDo() {
        assertThatThrownBy(() -> CgroupHost.detect(List.of("1 2 3:4 / / rw - ext4 x rw"), "hearth"))
                .hasMessageContaining("mount -t cgroup2");
    }

    @Test
    void detect_v2WithoutAController_namesItAndTheRemedy() throws IOException {
        files(root, "cgroup.subtree_control", "cgroup.procs");
        Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu\n");
        assertThatThrownBy(
                        () ->
                                CgroupHost.detect(
                                        List.of(mount(root, "cgroup2", "nsdelegate")), "hearth"))
                .hasMessageContaining("no controller memory, pids")
                .hasMessageContaining("Delegate=yes");
    }

    @Test
    void detect_v2ContainerWithProcessesInItsRoot_saysHowToMoveThem() throws IOException {
        files(root, "cgroup.subtree_control", "cgroup.type");
        Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(root.resolve("cgroup.procs"), "1\n7\n");
        assertThatThrownBy(
                        () ->
                                CgroupHost.detect(
                                        List.of(mount(root, "cgroup2", "nsdelegate")), "hearth"))
                .hasMessageContaining("processes [1, 7] are in it")
                .hasMessageContaining("mkdir " + root + "/init")
                .hasMessageContaining("--cgroupns=host");
    }

    @Test
    void detect_v2ControllersOnAlready_leavesThemAlone() throws IOException {
        v2();
        Files.writeString(root.resolve("cgroup.subtree_control"), "cpu io memory pids");
        CgroupHost.detect(List.of(mount(root, "cgroup2", "nsdelegate")), "hearth");
        assertThat(read(root.resolve("cgroup.subtree_control"))).isEqualTo("cpu io memory pids");
    }

    @Test
    void v2_limits_theDocumentedFiles() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "memory.max", "memory.swap.max", "memory.oom.group", "pids.max");
        group.limit(DataSize.parse("64Mi"), 100);
        assertThat(read(directory.resolve("memory.max"))).isEqualTo("67108864");
        assertThat(read(directory.resolve("memory.swap.max"))).isEqualTo("0");
        assertThat(read(directory.resolve("memory.oom.group"))).isEqualTo("1");
        assertThat(read(directory.resolve("pids.max"))).isEqualTo("100");
        assertThat(group.joinFiles()).containsExactly(directory);
    }

    @Test
    void v2_setCpu_quotaOneQuotaOfBurstAndWeight() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "cpu.max", "cpu.max.burst", "cpu.weight");
        group.setCpu(Optional.of(new Cpu(1500)), new Cpu(1500));
        assertThat(read(directory.resolve("cpu.max"))).isEqualTo("150000 100000");
        assertThat(read(directory.resolve("cpu.max.burst"))).isEqualTo("150000");
        assertThat(read(directory.resolve("cpu.weight"))).isEqualTo("150");
    }

    @Test
    void v2_setCpuEmpty_noBoundAndTheDefaultWeight() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "cpu.max", "cpu.max.burst", "cpu.weight");
        group.setCpu(Optional.empty(), new Cpu(1000));
        assertThat(read(directory.resolve("cpu.max"))).isEqualTo("max 100000");
        assertThat(read(directory.resolve("cpu.max.burst"))).isEqualTo("0");
        assertThat(read(directory.resolve("cpu.weight"))).isEqualTo("100");
    }

    @Test
    void v2_setCpuWithoutBurst_kernelsBefore514() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "cpu.max", "cpu.weight");
        group.setCpu(Optional.of(new Cpu(10)), new Cpu(10));
        assertThat(read(directory.resolve("cpu.max"))).isEqualTo("1000 100000");
        assertThat(read(directory.resolve("cpu.weight"))).isEqualTo("1");
        assertThat(directory.resolve("cpu.max.burst")).doesNotExist();
    }

    @Test
    void v2_freezeThatNeverComes_thawsAndSaysSo() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "cgroup.freeze");
        Files.writeString(directory.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
        assertThatThrownBy(group::freeze).hasMessageContaining("took longer than a second");
        assertThat(read(directory.resolve("cgroup.freeze"))).isEqualTo("0");
    }

    @Test
    void v2_freezeNoLongerWanted_thawsAtOnce() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "cgroup.freeze");
        Files.writeString(directory.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
        assertThat(group.freeze(() -> false)).isFalse();
        assertThat(read(directory.resolve("cgroup.freeze"))).isEqualTo("0");
    }

    @Test
    void v2_pageOut_opensSwapForItOnly() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "memory.swap.max", "memory.reclaim");
        assertThat(group.pageOut(4096)).isTrue();
        assertThat(read(directory.resolve("memory.reclaim"))).isEqualTo("4096");
        assertThat(read(directory.resolve("memory.swap.max"))).isEqualTo("max");
        files(directory, "memory.swap.max");
        group.endPaging();
        assertThat(read(directory.resolve("memory.swap.max"))).isEqualTo("0");
    }

    @Test
    void v2_pageOut_kernelsBefore519_doNothing() throws IOException {
        Cgroup group = v2().create("s1");
        files(root.resolve("hearth/s1"), "memory.swap.max");
        assertThat(group.pageOut(4096)).isFalse();
        assertThat(read(root.resolve("hearth/s1/memory.swap.max"))).isEmpty();
    }

    @Test
    void v1_pageOut_theLimitIsAsBefore() throws IOException {
        Cgroup group = v1().create("s1");
        Path memory = root.resolve("memory/hearth/s1");
        Files.writeString(memory.resolve("memory.limit_in_bytes"), "67108864");
        Files.writeString(memory.resolve("memory.usage_in_bytes"), "8388608");
        assertThat(group.pageOut(4 << 20)).isTrue();
        assertThat(read(memory.resolve("memory.limit_in_bytes"))).isEqualTo("67108864");
    }

    @Test
    void v1_withoutFreezer_isNotFrozen() throws IOException {
        Cgroup group = v1().create("s1");
        assertThat(group.canFreeze()).isFalse();
        assertThat(group.isFrozen()).isFalse();
        assertThatThrownBy(group::freeze).hasMessageContaining("freezer is not mounted");
    }

    @Test
    void v2_freezeAndKill_theDocumentedFiles() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(directory, "cgroup.freeze", "cgroup.kill");
        Files.writeString(directory.resolve("cgroup.events"), "populated 0\nfrozen 1\n");
        group.freeze();
        assertThat(read(directory.resolve("cgroup.freeze"))).isEqualTo("1");
        group.kill();
        assertThat(read(directory.resolve("cgroup.kill"))).isEqualTo("1");
    }

    @Test
    void v2_reports_numbersAndAbsence() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        assertThat(group.oomKills()).isZero();
        Files.writeString(directory.resolve("memory.events"), "low 0\noom 3\noom_kill 2\n");
        Files.writeString(directory.resolve("memory.current"), "4096\n");
        Files.writeString(directory.resolve("memory.peak"), "8192\n");
        Files.writeString(directory.resolve("cgroup.procs"), "12\n0\n34\n");
        Files.writeString(
                directory.resolve("cpu.stat"),
                "usage_usec 900\nnr_periods 7\nnr_throttled 3\nthrottled_usec 150\nnr_bursts 1\n");
        assertThat(group.oomKills()).isEqualTo(2);
        assertThat(group.memoryInUse()).isEqualTo(4096);
        assertThat(group.memoryPeak()).isEqualTo(8192);
        assertThat(group.processes()).containsExactly(12, 34);
        assertThat(group.cpuStatistics()).isEqualTo(new CpuStatistics(900, 7, 3, 150));
    }

    @Test
    void v1_sharedHierarchy_isMadeAndJoinedOnce() throws IOException {
        CgroupHost host = v1();
        Cgroup group = host.create("s1");
        assertThat(group.joinFiles())
                .containsExactly(
                        root.resolve("cpu,cpuacct/hearth/s1/tasks"),
                        root.resolve("memory/hearth/s1/tasks"),
                        root.resolve("pids/hearth/s1/tasks"));
        assertThat(host.existing()).hasSize(1);
    }

    @Test
    void v1_setCpu_quotaBurstAndShares() throws IOException {
        Cgroup group = v1().create("s1");
        Path cpu = root.resolve("cpu,cpuacct/hearth/s1");
        files(cpu, "cpu.cfs_quota_us", "cpu.cfs_burst_us", "cpu.shares");
        group.setCpu(Optional.of(new Cpu(250)), new Cpu(250));
        assertThat(read(cpu.resolve("cpu.cfs_quota_us"))).isEqualTo("25000");
        assertThat(read(cpu.resolve("cpu.cfs_burst_us"))).isEqualTo("25000");
        assertThat(read(cpu.resolve("cpu.shares"))).isEqualTo("256");
    }

    @Test
    void v1_setCpuEmpty_noBound() throws IOException {
        Cgroup group = v1().create("s1");
        Path cpu = root.resolve("cpu,cpuacct/hearth/s1");
        files(cpu, "cpu.cfs_quota_us", "cpu.shares");
        group.setCpu(Optional.empty(), new Cpu(1000));
        assertThat(read(cpu.resolve("cpu.cfs_quota_us"))).isEqualTo("-1");
        assertThat(read(cpu.resolve("cpu.shares"))).isEqualTo("1024");
    }

    @Test
    void v1_cpuStatistics_inMicroseconds() throws IOException {
        Cgroup group = v1().create("s1");
        Path cpu = root.resolve("cpu,cpuacct/hearth/s1");
        Files.writeString(cpu.resolve("cpuacct.usage"), "5000000\n");
        Files.writeString(
                cpu.resolve("cpu.stat"), "nr_periods 4\nnr_throttled 2\nthrottled_time 7000\n");
        assertThat(group.cpuStatistics()).isEqualTo(new CpuStatistics(5000, 4, 2, 7));
    }

    @Test
    void v1_devices_deniedOnceForTheParent() throws IOException {
        Path devices = root.resolve("devices/hearth");
        files(devices, "devices.deny", "devices.allow");
        Files.writeString(devices.resolve("devices.list"), "a *:* rwm\n");
        files(root.resolve("all"));
        CgroupHost host =
                CgroupHost.detect(
                        List.of(
                                mount(root.resolve("all"), "cgroup", "cpu,memory,pids"),
                                mount(root.resolve("devices"), "cgroup", "devices")),
                        "hearth");
        assertThat(read(devices.resolve("devices.deny"))).isEmpty(); // looking changes nothing
        host.create("s1");
        assertThat(read(devices.resolve("devices.deny"))).isEqualTo("a");
        assertThat(read(devices.resolve("devices.allow"))).startsWith("c 136:* rwm");
    }

    @Test
    void deviceRules_sameAsTheLaunchers() throws IOException {
        String source = Files.readString(Path.of("src/main/c/devices.c"));
        List<String> there =
                Pattern.compile("\\{(\\d+), (\\d+|ANY)\\},")
                        .matcher(source)
                        .results()
                        .map(m -> "c " + m.group(1) + ":" + m.group(2).replace("ANY", "*") + " rwm")
                        .toList();
        assertThat(DeviceRules.ALLOWED).isEqualTo(there);
    }

    @Test
    void remove_emptyGroup_goneInEveryHierarchy() throws IOException {
        CgroupHost host = v1();
        host.create("s1").remove();
        assertThat(host.existing()).isEmpty();
        host.removeParent();
        assertThat(root.resolve("memory/hearth")).doesNotExist();
    }
}
