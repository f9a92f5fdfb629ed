package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Mounts, masks, device nodes, and the way out of the root directory. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
class FilesystemIsolationTest {
    @RegisterExtension static final AttackedPlatform ATTACKED = new AttackedPlatform();

    /** Mount point to its options, those of the mount and those of the file system. */
    private static Map<String, String> mounts() {
        return ATTACKED.attempt("/read?/proc/self/mountinfo").stream()
                .map(l -> l.split(" "))
                .collect(
                        Collectors.toMap(
                                f -> f[4],
                                f -> "," + f[5] + "," + f[f.length - 1] + ",",
                                (under, over) -> over));
    }

    @Test
    void mounts_flagsAsPromised() {
        Map<String, String> mounts = mounts();
        assertThat(mounts.get("/")).contains(",nodev,");
        for (String quiet : List.of("/proc", "/sys", "/dev/shm")) {
            assertThat(mounts.get(quiet)).as(quiet).contains(",nosuid,nodev,noexec,");
        }
        for (String readOnly :
                List.of(
                        "/sys",
                        "/sys/fs/cgroup",
                        "/proc/bus",
                        "/proc/fs",
                        "/proc/irq",
                        "/proc/sys",
                        "/proc/sysrq-trigger")) {
            if (mounts.containsKey(readOnly)) {
                assertThat(mounts.get(readOnly)).as(readOnly).contains(",ro,");
            }
        }
        assertThat(mounts).containsKeys("/proc/sys", "/proc/keys", "/sys/fs/cgroup");
        assertThat(mounts.get("/dev")).contains(",nosuid,", ",noexec,").doesNotContain("relatime");
        assertThat(mounts.get("/dev/pts")).contains("nosuid", "noexec", "ptmxmode=666");
    }

    @Test
    void mounts_ofTheHost_notVisible() {
        String all = String.join("\n", ATTACKED.attempt("/read?/proc/self/mountinfo"));
        assertThat(all)
                .doesNotContain(ATTACKED.platform().data.toString())
                .doesNotContain(" /home", " /var", " /boot")
                .doesNotContain("shared:", "master:"); // private: nothing propagates
    }

    @Test
    void kernelSettings_notWritable() {
        for (String path :
                List.of(
                        "/proc/sys/kernel/core_pattern",
                        "/proc/sys/kernel/modprobe",
                        "/proc/sys/kernel/hostname",
                        "/proc/sys/vm/panic_on_oom",
                        "/proc/sys/net/ipv4/ip_forward",
                        "/proc/sysrq-trigger",
                        "/proc/irq/default_smp_affinity",
                        "/sys/kernel/uevent_helper",
                        "/sys/kernel/mm/transparent_hugepage/enabled",
                        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                        "/sys/fs/cgroup/memory/cgroup.procs",
                        "/sys/fs/cgroup/memory/release_agent",
                        "/sys/fs/cgroup/memory.max",
                        "/sys/fs/cgroup/cgroup.procs",
                        "/proc/self/mem/../../sys/kernel/core_pattern")) {
            // ENOENT, ENOTDIR: not every kernel has each of them, and a view shows only some
            assertThat(ATTACKED.attempt("/open-write?" + path).getFirst())
                    .as(path)
                    .matches("open (EROFS|EACCES|EPERM|ENOENT|ENOTDIR)");
        }
    }

    @Test
    void maskedFiles_empty() {
        for (String path :
                List.of(
                        "/proc/kcore",
                        "/proc/keys",
                        "/proc/latency_stats",
                        "/proc/timer_list",
                        "/proc/timer_stats",
                        "/proc/sched_debug",
                        "/proc/interrupts")) {
            assertThat(String.join("", ATTACKED.attempt("/read?" + path)))
                    .as(path)
                    .matches("(read ENOENT)?");
        }
    }

    @Test
    void maskedDirectories_empty() {
        for (String path :
                List.of(
                        "/proc/acpi",
                        "/proc/asound",
                        "/proc/scsi",
                        "/sys/firmware",
                        "/sys/devices/virtual/powercap",
                        "/sys/devices/system/cpu/cpu0/thermal_throttle")) {
            assertThat(String.join("", ATTACKED.attempt("/list?" + path)))
                    .as(path)
                    .matches("(list ENOENT)?");
            assertThat(ATTACKED.attempt("/create?" + path + "/x").getFirst())
                    .as(path)
                    .matches("create (EROFS|ENOENT|ENOSPC|EACCES)");
        }
    }

    @Test
    void devices_onlyTheHarmlessOnes() {
        assertThat(ATTACKED.attempt("/devices?/dev"))
                .containsExactlyInAnyOrder(
                        "/dev/null c 1:3",
                        "/dev/zero c 1:5",
                        "/dev/full c 1:7",
                        "/dev/random c 1:8",
                        "/dev/urandom c 1:9",
                        "/dev/tty c 5:0",
                        "/dev/pts/ptmx c 5:2");
        assertThat(ATTACKED.attempt("/list?/dev")).doesNotContain("console", "mem", "kvm");
    }

    @Test
    void devices_noneCanBeMade() {
        for (String directory : List.of("/tmp", "/dev", "/srv")) {
            assertThat(ATTACKED.attempt("/mknod?" + directory))
                    .as(directory)
                    .contains("fifo ok")
                    .filteredOn(l -> !l.startsWith("fifo"))
                    .allMatch(l -> l.endsWith(" EPERM"));
        }
    }

    @Test
    void chroot_left_endsAtTheContainersRoot() {
        assertThat(ATTACKED.attempt("/leave-chroot"))
                .containsExactly("chroot ok", "chroot-up ok", "same root");
    }

    @Test
    void cgroup_viewIsTheInstancesOwn() {
        assertThat(ATTACKED.attempt("/read?/proc/self/cgroup"))
                .filteredOn(l -> l.matches("\\d+:(cpu|memory|pids|.*,cpu).*|0::.*"))
                .isNotEmpty()
                .allMatch(l -> l.endsWith(":/"));
        String parent = String.join(" ", ATTACKED.attempt("/list?/sys/fs/cgroup"));
        assertThat(parent).doesNotContain("hearth-", "release_agent", "freezer", "devices");
    }

    @Test
    void filesOfTheHost_notThere() {
        Path data = ATTACKED.platform().data;
        for (Path file :
                List.of(
                        Path.of("/etc/shadow"),
                        data,
                        data.resolve("admin-token"),
                        data.resolve("registry-token"),
                        data.resolve("run/launcher.sock"),
                        Platform.ROOT)) {
            assertThat(file).exists();
            assertThat(ATTACKED.attempt("/list?" + file).getFirst())
                    .as(file.toString())
                    .isEqualTo("list ENOENT");
        }
    }

    @Test
    void nameServers_areAllThatIsToldOfTheHost() {
        assertThat(ATTACKED.attempt("/read?/etc/resolv.conf"))
                .allMatch(l -> l.matches("(nameserver|search|domain|options)\\s.+"));
    }
}
