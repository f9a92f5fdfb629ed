package dev.hearth.contracts;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A secret as an instance is given it: in an environment variable, or in a file. Written {@code
 * TARGET=SECRET:VERSION}, such as {@code DB_PASSWORD=db-password:latest} or {@code
 * /run/keys/tls.pem=tls:3}; the version is the latest one if it is left out.
 *
 * @param target the variable's name, or the file's absolute path
 * @param secret whose value it is
 * @param version a number, or {@link #LATEST} for the newest one when an instance starts
 */
public record SecretMount(String target, SecretName secret, int version) {
    public static final int LATEST = 0;

    /** Of one container. */
    public static final int MOST = 64;

    private static final Pattern FORM =
            Pattern.compile("([^=]+)=([^:]+?)(?::(latest|[1-9]\\d{0,8}))?");
    private static final Pattern VARIABLE = Pattern.compile("[^=/\\x00]{1,256}");
    private static final Pattern PATH = Pattern.compile("(/[^/=\\x00]{1,255}){2,16}");

    /** Where the platform's own files are; what is mounted there hides what was. */
    private static final Set<String> TAKEN = Set.of("/etc", "/tmp");

    private static final List<String> SYSTEM = List.of("/proc/", "/sys/", "/dev/");

    /** Throws INVALID {@code invalid-secret} with what is wrong. */
    public SecretMount {
        if (target.startsWith("/")) {
            checkPath(target);
        } else if (!VARIABLE.matcher(target).matches()) {
            throw invalid(target, "is neither a variable's name nor an absolute path");
        }
        if (version < LATEST) {
            throw invalid(target, "has no version " + version);
        }
    }

    /**
     * The one of a file in a directory, which may be written with slashes at its end; throws
     * INVALID {@code invalid-secret}.
     */
    public static SecretMount in(
            String directory, String fileName, SecretName secret, int version) {
        int end = directory.length();
        while (end > 0 && directory.charAt(end - 1) == '/') {
            end--; // not by a pattern, which takes hours for a million slashes that are not the end
        }
        return new SecretMount(directory.substring(0, end) + "/" + fileName, secret, version);
    }

    private static void checkPath(String path) {
        if (!PATH.matcher(path).matches()
                || List.of(path.split("/")).stream()
                        .anyMatch(p -> p.equals(".") || p.equals(".."))) {
            throw invalid(
                    path,
                    "is not the path of a file in a directory of its own, such as /run/keys/tls");
        }
        String directory = path.substring(0, path.lastIndexOf('/'));
        if (TAKEN.contains(directory) || SYSTEM.stream().anyMatch(path::startsWith)) {
            throw invalid(
                    path,
                    "cannot be there: the directory of a secret holds secrets only, and "
                            + directory
                            + " is needed for others; choose a directory of its own");
        }
    }

    private static HearthException invalid(String target, String why) {
        return HearthException.invalid("invalid-secret", "secret at \"" + target + "\" " + why);
    }

    /** Throws INVALID {@code invalid-secret}. */
    public static SecretMount parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw HearthException.invalid(
                    "invalid-secret",
                    "secret \""
                            + text
                            + "\" is not written as VARIABLE=NAME:VERSION or /PATH=NAME:VERSION");
        }
        return new SecretMount(m.group(1), new SecretName(m.group(2)), version(m.group(3)));
    }

    /** Of {@code latest}, or a number; throws INVALID {@code invalid-secret}. */
    public static int parseVersion(String text) {
        if (!text.matches("latest|[1-9]\\d{0,8}")) {
            throw HearthException.invalid(
                    "invalid-secret", "version \"" + text + "\" is neither latest nor a number");
        }
        return version(text);
    }

    private static int version(@Nullable String text) {
        return text == null || text.equals("latest") ? LATEST : Integer.parseInt(text);
    }

    public boolean isFile() {
        return target.startsWith("/");
    }

    /** Of a file. */
    public String directory() {
        return target.substring(0, target.lastIndexOf('/'));
    }

    /** Of a file. */
    public String fileName() {
        return target.substring(target.lastIndexOf('/') + 1);
    }

    /** As the CLI and the API write it. */
    public String versionWord() {
        return version == LATEST ? "latest" : Integer.toString(version);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return target + "=" + secret + ":" + versionWord();
    }
}
