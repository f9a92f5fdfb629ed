package dev.hearth.runtime.net;

import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A private /16 of this node: the first of 10.83.0.0 … 10.98.0.0 that neither another Hearth nor
 * another interface has. The claim is a file lock, which the kernel drops even when the process is
 * killed.
 *
 * @param base first address, as a number
 */
record Subnet(int base, FileChannel lock) implements AutoCloseable {
    static final int PREFIX = 16;
    private static final Path LOCKS = Path.of("/run/hearth");
    private static final int FIRST = 83;
    private static final int COUNT = 16;

    /**
     * @param prefix of the names of our own links, which may be there from an earlier run
     * @param ours an address of such a link: its subnet is the one to claim
     * @param others subnets that other platforms have rules for
     */
    static Subnet claim(String prefix, OptionalInt ours, Set<String> others) throws IOException {
        Files.createDirectories(LOCKS);
        int first =
                ours.isEmpty() ? 0 : Math.floorMod((ours.getAsInt() >>> 16 & 255) - FIRST, COUNT);
        for (int i = 0; i < COUNT; i++) {
            int second = FIRST + (first + i) % COUNT;
            int base = (10 << 24) | (second << 16);
            FileChannel lock =
                    others.contains(text(base)) || isInUse(base, prefix)
                            ? null
                            : tryLock(LOCKS.resolve("net-10." + second));
            if (lock != null) {
                return new Subnet(base, lock);
            }
        }
        throw new IOException(
                "all of 10.83.0.0/16 to 10.98.0.0/16 are in use on this machine; stop another Hearth");
    }

    private static @Nullable FileChannel tryLock(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException inThisProcess) {
            // another platform of this JVM, as tests start them
        }
        channel.close();
        return null;
    }

    /**
     * By somebody else: even by a Hearth that was killed, whose instances go on until it comes back
     * while its lock is gone.
     */
    private static boolean isInUse(int base, String prefix) throws IOException {
        for (NetworkInterface i : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (i.getName().startsWith(prefix)) {
                continue;
            }
            for (InterfaceAddress a : i.getInterfaceAddresses()) {
                byte[] b = a.getAddress().getAddress();
                if (b.length == 4 && b[0] == (byte) (base >>> 24) && b[1] == (byte) (base >>> 16)) {
                    return true;
                }
            }
        }
        return false;
    }

    String text() {
        return text(base);
    }

    private static String text(int base) {
        return AddressPool.text(base) + "/" + PREFIX;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
