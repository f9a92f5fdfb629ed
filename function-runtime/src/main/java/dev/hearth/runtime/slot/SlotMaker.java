package dev.hearth.runtime.slot;

import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import dev.hearth.runtime.launcher.Launcher;
import dev.hearth.runtime.launcher.LauncherSupervisor;
import dev.hearth.runtime.net.InstanceNetwork;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.NetlinkSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;

/**
 * Makes slots and takes them apart. Blocks for milliseconds; may be called from any virtual thread.
 *
 * <p>Concurrency: many may be made at once; {@link #close} waits for those under way.
 */
public final class SlotMaker implements AutoCloseable {
    private static final int SIGKILL = 9;
    private static final String PREFIX = "s";

    /** What {@code hearth deploy} gives: slots have it already, so that most starts set nothing. */
    private static final DataSize USUAL_MEMORY = DataSize.mebibytes(512);

    private final CgroupHost cgroups;
    private final LauncherSupervisor launcher;
    private final InstanceNetwork network;
    private final int processes;
    private final LongSupplier random;
    private final AtomicLong lastName = new AtomicLong();
    private final ReadWriteLock making = new ReentrantReadWriteLock();
    private boolean closed; // guarded by making

    /**
     * @param processes and threads in one instance
     * @param random 60 random bits at each call, for ids
     * @param adopted the cgroups of slots that an earlier run made, whose names are taken
     */
    public SlotMaker(
            CgroupHost cgroups,
            LauncherSupervisor launcher,
            InstanceNetwork network,
            int processes,
            LongSupplier random,
            List<String> adopted) {
        this.cgroups = cgroups;
        this.launcher = launcher;
        this.network = network;
        this.processes = processes;
        this.random = random;
        adopted.forEach(name -> lastName.accumulateAndGet(numberOf(name), Math::max));
    }

    private static long numberOf(String name) {
        return Long.parseLong(name.substring(PREFIX.length()));
    }

    /** Whether a group's name is one that {@link #make} gives. */
    public static boolean isName(String cgroup) {
        return cgroup.matches(PREFIX + "\\d{1,18}");
    }

    /** A new slot: cgroups, then the parked process in them, then its link. */
    public Slot make() throws IOException {
        making.readLock().lock();
        try {
            if (closed) {
                throw new HearthException(
                        ErrorKind.UNAVAILABLE, "platform-stopping", "the platform is stopping");
            }
            return makeNow();
        } finally {
            making.readLock().unlock();
        }
    }

    private Slot makeNow() throws IOException {
        Cgroup cgroup = cgroups.create(PREFIX + lastName.incrementAndGet());
        try {
            cgroup.limit(USUAL_MEMORY, processes);
            Launcher.Parked parked = park(cgroup);
            try (NetlinkSocket inside = parked.netlink()) {
                return new Slot(
                        InstanceId.of(random.getAsLong()),
                        parked.slot(),
                        parked.pid(),
                        cgroup,
                        network.connect(inside),
                        parked.control());
            } catch (IOException | RuntimeException e) {
                parked.control().close();
                launcher.signal(parked.slot(), SIGKILL);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            try {
                cgroup.remove();
            } catch (IOException stillThere) {
                e.addSuppressed(stillThere);
            }
            throw e;
        }
    }

    private Launcher.Parked park(Cgroup cgroup) throws IOException {
        List<Fd> files = new ArrayList<>();
        try {
            for (Path file : cgroup.joinFiles()) {
                // Version 2's is a directory to be cloned into, version 1's are files to write to.
                files.add(
                        Files.isDirectory(file)
                                ? Fd.openForReading(file)
                                : Fd.openForWriting(file));
            }
            return launcher.prepare(files);
        } finally {
            files.forEach(Fd::close);
        }
    }

    /** Whether its process has not ended. */
    public boolean isAlive(Slot slot) {
        return launcher.watches(slot.number());
    }

    /**
     * Sets what the slot's instance may use and where it may connect to; before it is started.
     * Changes nothing for what slots are made with.
     */
    public void allow(Slot slot, DataSize memory, Egress egress) throws IOException {
        if (!memory.equals(USUAL_MEMORY)) {
            slot.cgroup().limit(memory, processes);
        }
        network.allow(slot.link(), egress);
    }

    /**
     * Lets a running instance connect to where its policy says, after a restart of the platform.
     */
    public void allowAgain(Slot slot, Egress egress) throws IOException {
        network.allow(slot.link(), egress);
    }

    /** Kills a slot that was taken but will not be used, and frees it. */
    public void discard(Slot slot) throws IOException {
        launcher.signal(slot.number(), SIGKILL);
        free(slot);
    }

    /** Frees what a slot holds; its processes must be gone or dying. */
    public void free(Slot slot) throws IOException {
        slot.control().close();
        freeStarted(slot);
    }

    /**
     * Frees what the slot of an instance holds, but for its control: whoever starts the instance
     * closes that, and may be about to read there why the start failed.
     */
    public void freeStarted(Slot slot) throws IOException {
        try {
            network.disconnect(slot.link());
        } finally {
            slot.cgroup().remove();
        }
    }

    /** Makes no more; returns when nothing is in the making, so that what there is can be freed. */
    @Override
    public void close() {
        making.writeLock().lock();
        closed = true;
        making.writeLock().unlock();
    }
}
