package dev.hearth.runtime.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Which controllers a version 2 group hands to its children. */
final class UnifiedControllers {
    private static final List<String> NEEDED = List.of("cpu", "memory", "pids");

    private UnifiedControllers() {}

    /**
     * Turns the controllers we need on for the children of {@code group}; what is on stays on.
     *
     * <p>In the root of the whole machine that works whatever lives there, systemd's own processes
     * too. In any other group, which is what a container or a delegated subtree sees as its root,
     * the kernel says EBUSY while processes are in the group itself (kernel documentation,
     * admin-guide/cgroup-v2, "No Internal Process Constraint"); only there is {@code cgroup.type}.
     */
    static void enable(Path group) throws IOException {
        Set<String> available = words(group.resolve("cgroup.controllers"));
        List<String> absent = NEEDED.stream().filter(c -> !available.contains(c)).toList();
        if (!absent.isEmpty()) {
            throw new IOException(
                    "the cgroup %s has no controller %s; start the kernel without cgroup_disable=%s,"
                                    .formatted(
                                            group,
                                            String.join(", ", absent),
                                            String.join(",", absent))
                            + " or where this is a container or a systemd unit, delegate it (systemd:"
                            + " Delegate=yes)");
        }
        Path enabled = group.resolve("cgroup.subtree_control");
        if (words(enabled).containsAll(NEEDED)) {
            return;
        }
        List<Integer> inside = ControlFile.processes(group);
        if (Files.exists(group.resolve("cgroup.type")) && !inside.isEmpty()) {
            throw new IOException(
                    ("the cgroup %1$s cannot have limited children while processes %2$s are in it;"
                                    + " move them into a child first (mkdir %1$s/init; for p in $(cat"
                                    + " %1$s/cgroup.procs); do echo $p > %1$s/init/cgroup.procs;"
                                    + " done), or start where the machine's own root is seen (docker"
                                    + " run --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup)")
                            .formatted(group, inside.stream().limit(5).toList()));
        }
        ControlFile.write(enabled, "+" + String.join(" +", NEEDED));
    }

    private static Set<String> words(Path file) throws IOException {
        return Set.copyOf(
                Arrays.stream(Files.readString(file).strip().split("\\s+")).distinct().toList());
    }
}
