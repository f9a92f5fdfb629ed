package dev.hearth.runtime.app;

import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import dev.hearth.runtime.launcher.LauncherProcess;
import java.io.IOException;
import org.jboss.logging.Logger;

/** What an earlier run of this platform left when it was killed: sandboxes and their cgroups. */
final class Leftovers {
    private static final Logger LOG = Logger.getLogger(Leftovers.class);

    private Leftovers() {}

    static void remove(LauncherProcess process, CgroupHost cgroups) throws IOException {
        if (process.endEarlier()) {
            LOG.info("ended the sandboxes that an earlier run left");
        }
        remove(cgroups);
    }

    /** Kills what is still in our cgroups, and removes them. */
    static void remove(CgroupHost cgroups) throws IOException {
        for (Cgroup group : cgroups.existing()) {
            group.kill();
            group.remove();
        }
    }
}
