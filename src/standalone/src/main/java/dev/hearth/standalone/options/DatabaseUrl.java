package dev.hearth.standalone.options;

import dev.hearth.contracts.HearthException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * A PostgreSQL server and how to log in.
 *
 * @param url {@code postgresql://HOST:PORT/DATABASE}, without user and password
 * @param password empty when the server asks for none
 */
public record DatabaseUrl(String url, String user, String password) {
    /**
     * Reads {@code postgresql://USER:PASSWORD@HOST:PORT/DATABASE}; also with {@code jdbc:} before
     * it.
     *
     * @param fallbackPassword used when the URL has none, so that it need not be on a command line
     * @throws HearthException INVALID {@code invalid-database-url}
     */
    public static DatabaseUrl parse(String text, String fallbackPassword) {
        URI uri;
        try {
            uri = new URI(text.startsWith("jdbc:") ? text.substring(5) : text);
        } catch (URISyntaxException e) {
            throw invalid("is not a URL");
        }
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw invalid("does not begin with postgresql://");
        }
        String path = uri.getRawPath();
        if (uri.getHost() == null || path == null || path.length() < 2) {
            throw invalid("names no host or no database");
        }
        if (uri.getRawUserInfo() == null) {
            throw invalid("names no user");
        }
        int port = uri.getPort() < 0 ? 5432 : uri.getPort();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String[] login = uri.getRawUserInfo().split(":", 2);
        return new DatabaseUrl(
                "postgresql://" + uri.getHost() + ":" + port + path + query,
                decode(login[0]),
                login.length == 2 ? decode(login[1]) : fallbackPassword);
    }

    /** Percent-decoding only: a plus sign in a password is a plus sign. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid("has a broken percent sign");
        }
    }

    /** Does not repeat the URL, which may hold a password. */
    private static HearthException invalid(String what) {
        return HearthException.invalid(
                "invalid-database-url",
                "the URL given to --database "
                        + what
                        + "; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
    }

    @Override
    public String toString() {
        return url;
    }
}
