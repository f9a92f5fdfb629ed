package dev.hearth.runtime.cgroup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A mounted hierarchy.
 *
 * @param options super block options; on version 1 its controllers are among them
 */
record CgroupMount(Path path, boolean isUnified, Set<String> options) {
    boolean controls(String controller) {
        return !isUnified && options.contains(controller);
    }

    /** The hierarchies in /proc/self/mountinfo (proc_pid_mountinfo(5)). */
    static List<CgroupMount> parse(List<String> mountinfo) {
        List<CgroupMount> mounts = new ArrayList<>();
        for (String line : mountinfo) {
            int dash = line.indexOf(" - ");
            if (dash < 0) {
                continue;
            }
            String[] left = line.substring(0, dash).split(" ");
            String[] right = line.substring(dash + 3).split(" ");
            if (left.length < 5 || right.length < 3 || !right[0].startsWith("cgroup")) {
                continue;
            }
            mounts.add(
                    new CgroupMount(
                            Path.of(left[4]),
                            right[0].equals("cgroup2"),
                            Set.of(right[2].split(","))));
        }
        return mounts;
    }
}
