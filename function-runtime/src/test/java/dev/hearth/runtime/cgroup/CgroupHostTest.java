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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both layouts in plain directories: which files are written, with what. What the kernel makes of
 * version 1 is shown by NodeAgentTest on a machine that has it; version 2 on a real kernel is still
 * to come.
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
        files(root, "cgroup.subtree_control");
        files(root.resolve("hearth"), "cgroup.subtree_control");
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
    void v2_limits_theDocumentedFiles() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        files(
                directory,
                "memory.max",
                "memory.swap.max",
                "memory.oom.group",
                "pids.max",
                "cpu.max");
        group.limit(DataSize.parse("64Mi"), 100);
        assertThat(read(directory.resolve("memory.max"))).isEqualTo("67108864");
        assertThat(read(directory.resolve("memory.swap.max"))).isEqualTo("0");
        assertThat(read(directory.resolve("memory.oom.group"))).isEqualTo("1");
        assertThat(read(directory.resolve("pids.max"))).isEqualTo("100");
        group.setCpu(Optional.of(new Cpu(1500)));
        assertThat(read(directory.resolve("cpu.max"))).isEqualTo("150000 100000");
        files(
                directory,
                "cpu.max"); // a plain file keeps the longer text's end, the kernel's does not
        group.setCpu(Optional.empty());
        assertThat(read(directory.resolve("cpu.max"))).isEqualTo("max 100000");
        assertThat(group.joinFiles()).containsExactly(directory.resolve("cgroup.procs"));
    }

    @Test
    void v2_reports_numbersAndAbsence() throws IOException {
        Cgroup group = v2().create("s1");
        Path directory = root.resolve("hearth/s1");
        assertThat(group.oomKills()).isZero();
        Files.writeString(directory.resolve("memory.events"), "low 0\noom 3\noom_kill 2\n");
        Files.writeString(directory.resolve("memory.current"), "4096\n");
        Files.writeString(directory.resolve("memory.peak"), "8192\n");
        Files.writeString(directory.resolve("cgroup.procs"), "12\n34\n");
        assertThat(group.oomKills()).isEqualTo(2);
        assertThat(group.memoryInUse()).isEqualTo(4096);
        assertThat(group.memoryPeak()).isEqualTo(8192);
        assertThat(group.processes()).containsExactly(12, 34);
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
        files(root.resolve("cpu,cpuacct/hearth/s1"), "cpu.cfs_quota_us");
        group.setCpu(Optional.of(new Cpu(50)));
        assertThat(read(root.resolve("cpu,cpuacct/hearth/s1/cpu.cfs_quota_us"))).isEqualTo("5000");
        files(root.resolve("cpu,cpuacct/hearth/s1"), "cpu.cfs_quota_us");
        group.setCpu(Optional.empty());
        assertThat(read(root.resolve("cpu,cpuacct/hearth/s1/cpu.cfs_quota_us"))).isEqualTo("-1");
        assertThat(host.existing()).hasSize(1);
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
