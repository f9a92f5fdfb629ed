package dev.hearth.runtime.slot;

import dev.hearth.contracts.InstanceId;
import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.launcher.SlotControl;
import dev.hearth.runtime.net.InstanceNetwork;

/**
 * A sandbox shell: namespaces, network, cgroups and a parked process, waiting for a revision. Used
 * once.
 *
 * @param id of the instance that it will be
 * @param number the launcher's number for it
 * @param pid of its init
 * @param control starts it
 */
public record Slot(
        InstanceId id,
        int number,
        int pid,
        Cgroup cgroup,
        InstanceNetwork.Link link,
        SlotControl control) {}
