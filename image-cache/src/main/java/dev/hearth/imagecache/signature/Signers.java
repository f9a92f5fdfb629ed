package dev.hearth.imagecache.signature;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a project's images have to be signed by: all of the files {@code *.pem} and {@code
 * *.pub} of one directory. No directory, or an empty one: no signature is demanded. Anything in it
 * that cannot be understood fails, since what an operator put there is meant to keep images out.
 */
final class Signers {
    private static final int MOST_FILES = 100;
    private static final int MOST_FILE_BYTES = 64 * 1024;

    private Signers() {}

    /**
     * The keys as they are on disk now.
     *
     * @throws HearthException INTERNAL {@code signers-unreadable}
     */
    static List<SignerKey> read(Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        List<SignerKey> keys = new ArrayList<>();
        List<Path> files = files(directory);
        for (Path file : files) {
            if (isKeyFile(file)) {
                keys.addAll(keys(file));
            }
        }
        if (keys.isEmpty() && !files.isEmpty()) {
            throw unreadable(
                    directory + " has files, but none is named *.pem or *.pub",
                    "rename them",
                    null);
        }
        return List.copyOf(keys);
    }

    /** All but hidden ones, which editors and mounted secrets leave about. */
    private static List<Path> files(Path directory) {
        try (Stream<Path> children = Files.list(directory)) {
            List<Path> files =
                    children.filter(c -> !name(c).startsWith("."))
                            .limit(MOST_FILES + 1)
                            .sorted()
                            .toList();
            if (files.size() > MOST_FILES) {
                throw unreadable(
                        directory + " has more than " + MOST_FILES + " files",
                        "take some away",
                        null);
            }
            return files;
        } catch (IOException e) {
            throw unreadable(directory + " cannot be listed (" + e + ")", "mend it", e);
        }
    }

    private static List<SignerKey> keys(Path file) {
        if (!Files.isRegularFile(file)) { // a pipe would block for ever
            throw unreadable(file + " is not a file", "replace or remove it", null);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(MOST_FILE_BYTES + 1);
            if (text.length > MOST_FILE_BYTES) {
                throw new BadKeyException("has more than " + MOST_FILE_BYTES + " bytes");
            }
            return PublicKeys.parse(new String(text, StandardCharsets.ISO_8859_1));
        } catch (BadKeyException e) {
            throw unreadable(file + " " + e.getMessage(), "replace or remove it", e);
        } catch (IOException e) {
            throw unreadable(file + " cannot be read (" + e + ")", "mend or remove it", e);
        }
    }

    private static boolean isKeyFile(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        return name.endsWith(".pem") || name.endsWith(".pub");
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static HearthException unreadable(
            String what, String remedy, @Nullable Exception cause) {
        String message =
                "images must be signed, but the keys to check them with cannot be read: "
                        + what
                        + "; "
                        + remedy
                        + ", no image is accepted until then";
        return cause == null
                ? new HearthException(ErrorKind.INTERNAL, "signers-unreadable", message)
                : new HearthException(ErrorKind.INTERNAL, "signers-unreadable", message, cause);
    }
}
