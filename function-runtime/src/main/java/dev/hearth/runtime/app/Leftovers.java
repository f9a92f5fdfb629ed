package dev.hearth.runtime.app;

import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import java.io.IOException;
import java.util.Set;

/** What an earlier run of this platform left and nobody goes on with. */
final class Leftovers {

    private Leftovers() {}

    /**
     * Kills what is still in our cgroups, and removes them.
     *
     * @param running names of the groups that stay
     */
    static void remove(CgroupHost cgroups, Set<String> running) throws IOException {
        for (Cgroup group : cgroups.existing()) {
            if (!running.contains(group.name())) {
                group.kill();
                group.remove();
            }
        }
    }
}
