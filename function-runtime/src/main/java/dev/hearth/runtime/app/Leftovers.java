package dev.hearth.runtime.app;

import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What an earlier run of this platform left and nobody goes on with. */
final class Leftovers {

    private Leftovers() {}

    /**
     * Kills what is still in our cgroups, and removes them; goes on with the others when one cannot
     * be removed, and throws then.
     *
     * @param running names of the groups that stay
     */
    static void remove(CgroupHost cgroups, Set<String> running) throws IOException {
        List<Cgroup> left =
                cgroups.existing().stream().filter(g -> !running.contains(g.name())).toList();
        IOException failure = null;
        for (Cgroup group : left) { // all of them first: they die side by side
            try {
                group.kill();
            } catch (IOException e) {
                failure = e;
            }
        }
        for (Cgroup group : left) {
            try {
                group.remove();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
