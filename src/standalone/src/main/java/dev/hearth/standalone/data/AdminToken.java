package dev.hearth.standalone.data;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/** The bearer token of the admin API: 256 random bits in a file that only its owner can read. */
public final class AdminToken {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-]{43,}");

    private AdminToken() {}

    /**
     * The token in {@code admin-token} of the data directory, made at the first call.
     *
     * @throws HearthException INVALID {@code invalid-admin-token} when the file holds none
     */
    public static String of(Path data) {
        return secret(data.resolve("admin-token"));
    }

    /**
     * The token that images are pushed with, in {@code registry-token}: another one, because it
     * travels to wherever images are built.
     */
    public static String ofRegistry(Path data) {
        return secret(data.resolve("registry-token"));
    }

    /** The token that private services are called with, in {@code invoker-token}. */
    public static String ofInvokers(Path data) {
        return secret(data.resolve("invoker-token"));
    }

    /** 256 random bits in base64url, kept in {@code file}, which is made with mode 0600. */
    public static String secret(Path file) {
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (!VALID.matcher(token).matches()) {
                throw HearthException.invalid(
                        "invalid-admin-token",
                        "the file "
                                + file
                                + " does not hold a token; delete it and a new one will be made");
            }
            return token;
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "data-directory-unusable",
                    "reading or making " + file + " failed: " + e,
                    e);
        }
    }

    private static void make(Path file) throws IOException {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(
                draft,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
