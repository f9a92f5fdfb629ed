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

    static Subnet claim() throws IOException {
        Files.createDirectories(LOCKS);
        for (int second = FIRST; second < FIRST + COUNT; second++) {
            int base = (10 << 24) | (second << 16);
            FileChannel lock = isInUse(base) ? null : tryLock(LOCKS.resolve("net-10." + second));
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

    /** By somebody who is not Hearth: our own links hold /31s and come with a lock. */
    private static boolean isInUse(int base) throws IOException {
        for (NetworkInterface i : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InterfaceAddress a : i.getInterfaceAddresses()) {
                byte[] b = a.getAddress().getAddress();
                if (b.length == 4
                        && a.getNetworkPrefixLength() < 31
                        && b[0] == (byte) (base >>> 24)
                        && b[1] == (byte) (base >>> 16)) {
                    return true;
                }
            }
        }
        return false;
    }

    String text() {
        return AddressPool.text(base) + "/" + PREFIX;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
