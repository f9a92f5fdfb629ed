package dev.hearth.runtime.seccomp;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jboss.logging.Logger;

/**
 * A profile as the launcher reads it: a line a call and rule, in plain words and numbers.
 *
 * <pre>
 * hearth-seccomp 1
 * default errno 1
 * rule allow 0 read
 * rule allow 0 clone 0 masked-eq 2114060288 0
 * </pre>
 *
 * @param text all lines, or the first and "unconfined"
 */
public record SeccompRules(String text) {
    private static final Logger LOG = Logger.getLogger(SeccompRules.class);
    private static final String FIRST_LINE = "hearth-seccomp 1\n";
    private static final String UNCONFINED = "unconfined";
    private static final int MOST_BYTES = 1 << 20;

    /**
     * The rules of a setting; throws INVALID {@code seccomp-profile} for a file that cannot be
     * used.
     *
     * @param setting the path of a profile, "unconfined", or empty for Hearth's own
     */
    public static SeccompRules load(String setting) {
        if (setting.equals(UNCONFINED)) {
            LOG.warn(
                    "containers run without a seccomp filter, as hearth.runtime.seccomp-profile says:"
                            + " every system call of the kernel is open to them");
            return new SeccompRules(FIRST_LINE + UNCONFINED + "\n");
        }
        Conditions conditions = new Conditions(System.getProperty("os.version", ""));
        if (setting.isEmpty()) {
            return of(new ProfileReader("of Hearth", conditions).read(own()));
        }
        SeccompRules rules = of(new ProfileReader(setting, conditions).read(file(setting)));
        LOG.infof("containers run under the seccomp profile %s", setting);
        return rules;
    }

    private static byte[] file(String setting) {
        try {
            Path path = Path.of(setting);
            if (!Files.isRegularFile(path) || Files.size(path) > MOST_BYTES) {
                throw new IOException("it is not a file of at most 1 MiB");
            }
            return Files.readAllBytes(path);
        } catch (IOException | IllegalArgumentException e) {
            throw HearthException.invalid(
                    "seccomp-profile",
                    "the seccomp profile "
                            + setting
                            + " cannot be read ("
                            + e.getMessage()
                            + "); let hearth.runtime.seccomp-profile name a JSON file, or leave it"
                            + " out");
        }
    }

    private static byte[] own() {
        try (InputStream in = SeccompRules.class.getResourceAsStream("/hearth-seccomp.json")) {
            if (in == null) {
                throw new IOException("it is not there");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "seccomp-profile",
                    "this build has no seccomp profile in it; build again",
                    e);
        }
    }

    static SeccompRules of(SeccompProfile profile) {
        SeccompProfile.Answer byDefault = profile.defaultAction();
        StringBuilder lines = new StringBuilder(FIRST_LINE);
        lines.append("default ").append(words(byDefault)).append('\n');
        for (SeccompProfile.Rule rule : profile.rules()) {
            if (rule.answer().equals(byDefault)) {
                continue; // says nothing new, and libseccomp refuses it
            }
            for (String name : rule.names()) {
                lines.append("rule ").append(words(rule.answer())).append(' ').append(name);
                for (SeccompProfile.Comparison c : rule.comparisons()) {
                    lines.append(
                            " %d %s %s %s"
                                    .formatted(
                                            c.index(),
                                            c.operator().word,
                                            Long.toUnsignedString(c.value()),
                                            Long.toUnsignedString(c.value2())));
                }
                lines.append('\n');
            }
        }
        return new SeccompRules(lines.toString());
    }

    private static String words(SeccompProfile.Answer answer) {
        return answer.action().word + " " + answer.errno();
    }

    /** Puts the rules into a file of the owner's own, by rename. */
    public void writeTo(Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(
                part,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(part, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
