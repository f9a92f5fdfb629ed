package dev.hearth.bench.gateway;

import dev.hearth.bench.machine.Processes;
import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What connections cost the gateway that were used once and wait for more; bytes of its JVM.
 *
 * @param resident what its resident memory grew by
 * @param heap what the used part of its heap grew by; a heap that was large before hides it from
 *     {@code resident}
 */
record IdleConnections(int connections, long resident, long heap) {
    /** From each address of the client come fewer than the kernel has ports to give (28 232). */
    private static final int EACH_SOURCE = 10_000;

    private static final int FIRST_SOURCE = 2;

    /** Descriptors that a program needs for other things, the platform most. */
    private static final int OTHER_FILES = 2000;

    private static final int ASKED_AGAIN = 100;

    /** The dearer of the two ways to see it. */
    double bytesEach() {
        return (double) Math.max(resident, heap) / connections;
    }

    static IdleConnections measure(Contestant hearth, int count) throws InterruptedException {
        long pid = hearth.processes().getFirst();
        List<KeptConnection> open = new ArrayList<>();
        try {
            Processes.collectGarbage(pid);
            long resident = Processes.resident(pid);
            long heap = Processes.usedHeap(pid);
            for (int i = 0; i < count; i++) {
                KeptConnection one = KeptConnection.from(source(i), hearth);
                open.add(one);
                one.exchange();
            }
            Processes.collectGarbage(pid);
            IdleConnections cost =
                    new IdleConnections(
                            count,
                            Processes.resident(pid) - resident,
                            Processes.usedHeap(pid) - heap);
            for (int i = 0; i < count; i += ASKED_AGAIN) {
                open.get(i).exchange(); // they were kept, or this fails
            }
            return cost;
        } catch (IOException e) {
            throw new BenchFailure(
                    "of " + count + " idle connections " + open.size() + " were opened: " + e, e);
        } finally {
            open.forEach(KeptConnection::close);
        }
    }

    /** As many as wanted, or as this machine lets a program open. */
    static int possible(int wanted) {
        return (int) Math.clamp(Processes.mostOpenFiles() - OTHER_FILES, 1, wanted);
    }

    private static InetSocketAddress source(int index) {
        return new InetSocketAddress("127.0.0." + (FIRST_SOURCE + index / EACH_SOURCE), 0);
    }
}
