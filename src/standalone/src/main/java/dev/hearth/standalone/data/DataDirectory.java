package dev.hearth.standalone.data;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The platform's directory, held by one process at a time.
 *
 * <pre>
 * lock           held while a platform runs; its content is that process's id
 * admin-token    see {@link AdminToken}
 * registry-token what images are pushed with
 * secrets-key    see {@link SecretsKey}
 * logs/          hearth.log, postgres.log, kafka.log
 * postgres/      see the postgres package
 * kafka/         the embedded broker's storage
 * </pre>
 *
 * What other rooms keep here is theirs.
 */
public final class DataDirectory implements AutoCloseable {
    private final Path root;
    private final boolean made;
    private final FileChannel lock;

    private DataDirectory(Path root, boolean made, FileChannel lock) {
        this.root = root;
        this.made = made;
        this.lock = lock;
    }

    /**
     * Makes the directory (mode 0700) unless it is there, and takes it for this process.
     *
     * @throws HearthException CONFLICT {@code already-running}, INVALID {@code
     *     invalid-data-directory}
     */
    public static DataDirectory open(Path root) {
        boolean made = !Files.exists(root, LinkOption.NOFOLLOW_LINKS);
        try {
            Files.createDirectories(root.getParent() == null ? root : root.getParent());
            if (made) {
                Files.createDirectory(
                        root,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            }
            Path real = root.toRealPath();
            if (!Files.isDirectory(real)) {
                throw unusable(root, "it is not a directory");
            }
            FileChannel lock = take(real);
            try {
                Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwx------"));
                Files.createDirectories(real.resolve("logs"));
                return new DataDirectory(real, made, lock);
            } catch (IOException e) {
                lock.close();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw unusable(root, "permission denied for " + e.getFile());
        } catch (FileAlreadyExistsException e) {
            throw unusable(root, e.getFile() + " is in the way");
        } catch (IOException e) {
            throw unusable(root, e.toString());
        }
    }

    private static FileChannel take(Path root) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        root.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            taken = tryLock(channel);
            if (!taken) {
                throw new HearthException(
                        ErrorKind.CONFLICT,
                        "already-running",
                        "Hearth already runs with the data directory "
                                + root
                                + holder(channel)
                                + "; stop it with `hearth down`, or choose another with --data");
            }
            channel.truncate(0);
            channel.write(ascii(Long.toString(ProcessHandle.current().pid())), 0);
            return channel;
        } finally {
            if (!taken) {
                channel.close();
            }
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(20);
        int length = channel.read(pid, 0);
        return length < 1
                ? ""
                : " (process "
                        + new String(pid.array(), 0, length, StandardCharsets.US_ASCII)
                        + ")";
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static HearthException unusable(Path root, @Nullable String why) {
        return HearthException.invalid(
                "invalid-data-directory",
                "the data directory "
                        + root
                        + " cannot be used: "
                        + why
                        + "; choose another with --data");
    }

    /** The directory itself; absolute, without symbolic links. */
    public Path root() {
        return root;
    }

    /** Where logs are kept; exists. */
    public Path logs() {
        return root.resolve("logs");
    }

    public Path postgres() {
        return root.resolve("postgres");
    }

    public Path kafka() {
        return root.resolve("kafka");
    }

    /** Lets another process have the directory. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    /** As {@link #close}; and when {@link #open} made the directory and it is empty, removes it. */
    public void abandon() throws IOException {
        if (made && isUnused()) {
            Files.deleteIfExists(logs());
            Files.deleteIfExists(root.resolve("lock"));
            Files.deleteIfExists(root);
        }
        close();
    }

    private boolean isUnused() throws IOException {
        try (Stream<Path> files = Files.walk(root, 2)) {
            return files.allMatch(
                    file ->
                            file.equals(root)
                                    || file.equals(logs())
                                    || file.equals(root.resolve("lock")));
        }
    }
}
