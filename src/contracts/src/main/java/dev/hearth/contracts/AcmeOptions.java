package dev.hearth.contracts;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What certificates are to be got, and from whom.
 *
 * @param names host names in lower case, each of which gets a certificate of its own, so that one
 *     that cannot be had keeps none of the others
 * @param email where the authority writes to when something is wrong
 * @param directory the authority's directory (RFC 8555 section 7.1.1)
 * @param trusted PEM file with the root of the directory's own certificate, when no usual one is
 * @param home where the account's key and the certificates are kept
 */
public record AcmeOptions(
        List<String> names,
        Optional<String> email,
        URI directory,
        Optional<Path> trusted,
        Path home) {
    /** Let's Encrypt, by acme4j's name for it. */
    public static final String DEFAULT_DIRECTORY = "acme://letsencrypt.org";

    private static final int MOST_NAMES = 100;
    private static final int LONGEST = 253;

    /** Labels of letters, digits and dashes, two at least: no authority certifies fewer. */
    private static final Pattern NAME =
            Pattern.compile(
                    "(?!\\d+(\\.\\d+){3}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public AcmeOptions {
        names = List.copyOf(names);
        if (names.isEmpty() || names.size() > MOST_NAMES) {
            throw HearthException.invalid(
                    "invalid-acme",
                    "there are "
                            + names.size()
                            + " names to get certificates for; give between 1 and "
                            + MOST_NAMES
                            + " with --acme-domain");
        }
        names.forEach(AcmeOptions::check);
    }

    private static void check(String name) {
        if (name.startsWith("*.")) {
            throw HearthException.invalid(
                    "invalid-acme",
                    "a certificate for \""
                            + name
                            + "\" needs an entry in the DNS, which Hearth does not write; name each host, or get one otherwise and use --tls-cert");
        }
        if (name.length() > LONGEST || !NAME.matcher(name).matches()) {
            throw HearthException.invalid(
                    "invalid-acme",
                    "\"" + name + "\" is no full host name; give one like hello.example.com");
        }
    }

    /**
     * Reads the texts of options.
     *
     * @param names with commas between
     * @throws HearthException INVALID {@code invalid-acme}
     */
    public static AcmeOptions parse(
            String names,
            Optional<String> email,
            Optional<String> directory,
            Optional<String> trusted,
            Path home) {
        List<String> each = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            String plain = name.strip().toLowerCase(Locale.ROOT);
            if (!each.contains(plain)) {
                each.add(plain);
            }
        }
        return new AcmeOptions(
                each,
                email.map(AcmeOptions::address),
                uri(directory.orElse(DEFAULT_DIRECTORY)),
                trusted.map(Path::of),
                home);
    }

    private static String address(String email) {
        if (!email.matches("[^\\s@,?]{1,64}@[^\\s@,?]{1,253}")) {
            throw HearthException.invalid(
                    "invalid-acme",
                    "\"" + email + "\" is no e-mail address; give one like me@example.com");
        }
        return email;
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text);
            if (("https".equals(uri.getScheme()) || "acme".equals(uri.getScheme()))
                    && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw noDirectory(text);
        }
        throw noDirectory(text);
    }

    private static HearthException noDirectory(String text) {
        return HearthException.invalid(
                "invalid-acme",
                "\""
                        + text
                        + "\" is no ACME directory; give its https URL, as the authority's pages tell it");
    }
}
