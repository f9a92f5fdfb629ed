package dev.hearth.runtime.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The machine's control groups as far as they are ours: everything below one parent. */
public sealed interface CgroupHost permits CgroupV1, CgroupV2 {
    /** CFS's default period; also the longest a throttled process waits (kernel/sched/fair.c). */
    int PERIOD_MICROS = 100_000;

    /** 1 or 2. */
    int version();

    /** Makes a group below our parent. */
    Cgroup create(String name) throws IOException;

    /** The groups that exist below our parent, whoever made them. */
    List<Cgroup> existing() throws IOException;

    /** Removes our parent, which must be empty. */
    void removeParent() throws IOException;

    /**
     * Finds out how this machine's control groups are mounted.
     *
     * <p>Version 1 wins on a hybrid host, because there the memory and cpu controllers are on
     * version 1 and version 2 is all but empty.
     *
     * @param mountinfo the lines of /proc/self/mountinfo
     * @param parent our directory's name in each hierarchy
     */
    static CgroupHost detect(List<String> mountinfo, String parent) throws IOException {
        List<CgroupMount> mounts = CgroupMount.parse(mountinfo);
        if (mounts.stream().anyMatch(m -> m.controls("memory"))) {
            return CgroupV1.on(mounts, parent);
        }
        Path unified =
                mounts.stream()
                        .filter(CgroupMount::isUnified)
                        .map(CgroupMount::path)
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "no cgroup hierarchy is mounted under /sys/fs/cgroup;"
                                                        + " mount one (mount -t cgroup2 cgroup2"
                                                        + " /sys/fs/cgroup) and start again"));
        return CgroupV2.on(unified, parent);
    }
}
