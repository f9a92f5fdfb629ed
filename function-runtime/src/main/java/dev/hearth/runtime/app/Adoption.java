package dev.hearth.runtime.app;

import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import dev.hearth.runtime.launcher.Launcher;
import dev.hearth.runtime.launcher.LauncherSupervisor;
import dev.hearth.runtime.launcher.SlotControl;
import dev.hearth.runtime.net.InstanceNetwork;
import dev.hearth.runtime.note.InstanceNote;
import dev.hearth.runtime.slot.Slot;
import dev.hearth.runtime.slot.SlotMaker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Which slots of an earlier run go on as instances: those whose note is understood and whose cgroup
 * and link are there. The others are killed.
 */
final class Adoption {
    private static final Logger LOG = Logger.getLogger(Adoption.class);
    private static final int SIGKILL = 9;

    private final LauncherSupervisor launcher;
    private final List<Known> known = new ArrayList<>();
    private final List<Ended> ended = new ArrayList<>();

    /** A slot with its note. */
    private record Known(int slot, int pid, InstanceNote note) {}

    /** An instance that ended while no runtime was there. */
    record Ended(InstanceNote note, Launcher.Exit exit) {}

    /** An instance that goes on. */
    record Running(InstanceNote note, Slot slot) {}

    /** Reads the notes of what was found; kills at once what has none, or one nobody can read. */
    Adoption(LauncherSupervisor launcher, List<LauncherSupervisor.Found> found) {
        this.launcher = launcher;
        for (LauncherSupervisor.Found slot : found) {
            Optional<InstanceNote> note = slot.note().flatMap(Adoption::read);
            if (slot.exit().isPresent()) {
                note.ifPresent(n -> ended.add(new Ended(n, slot.exit().get())));
            } else if (note.isPresent()) {
                known.add(new Known(slot.slot(), slot.pid(), note.get()));
            } else {
                launcher.signal(slot.slot(), SIGKILL);
            }
        }
    }

    private static Optional<InstanceNote> read(byte[] note) {
        try {
            return Optional.of(InstanceNote.parse(note)).filter(n -> SlotMaker.isName(n.cgroup()));
        } catch (IOException strange) {
            LOG.warnf("an instance of an earlier run is ended: %s", strange.getMessage());
            return Optional.empty();
        }
    }

    /** What ended unseen. */
    List<Ended> ended() {
        return List.copyOf(ended);
    }

    /** The links that are to stay. */
    List<InstanceNetwork.Link> links() {
        return known.stream().map(k -> k.note.link()).toList();
    }

    /** What goes on; all else in our cgroups is killed, and its groups are removed. */
    List<Running> settle(CgroupHost cgroups, InstanceNetwork network) throws IOException {
        Map<String, Cgroup> groups =
                cgroups.existing().stream()
                        .collect(Collectors.toMap(Cgroup::name, Function.identity()));
        List<Running> running = new ArrayList<>();
        for (Known k : known) {
            Cgroup group = groups.get(k.note.cgroup());
            if (group != null && network.has(k.note.link())) {
                running.add(
                        new Running(
                                k.note,
                                new Slot(
                                        k.note.id(),
                                        k.slot,
                                        k.pid,
                                        group,
                                        k.note.link(),
                                        SlotControl.ofStarted())));
            } else {
                LOG.warnf("instance %s is ended: its cgroup or link is gone", k.note.id());
                launcher.signal(k.slot, SIGKILL);
            }
        }
        Set<String> staying =
                running.stream().map(r -> r.note.cgroup()).collect(Collectors.toSet());
        Leftovers.remove(cgroups, staying);
        return running;
    }
}
