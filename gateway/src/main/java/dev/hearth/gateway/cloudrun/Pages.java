package dev.hearth.gateway.cloudrun;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServicePage;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Lists in parts: how many at a time, and where the next part begins, in words nobody reads. */
final class Pages {
    private static final int USUAL = 100;
    private static final int LONGEST_TOKEN = 500;

    private Pages() {}

    /**
     * A part of a list.
     *
     * @param next token; empty after the last one
     */
    record Part<T>(List<T> items, String next) {}

    /** How many are given; more than {@link ServicePage#MOST} are not, 0 is the usual. */
    static int size(int wanted) {
        if (wanted < 0) {
            throw Sent.wrong("pageSize", "is below 0");
        }
        return wanted == 0 ? USUAL : Math.min(wanted, ServicePage.MOST);
    }

    /** A part of what is in memory, counted from its beginning. */
    static <T> Part<T> part(List<T> all, int wanted, String token) {
        int size = size(wanted);
        int from = token.isEmpty() ? 0 : number(decoded(token));
        int to = (int) Math.min(all.size(), (long) from + size);
        return new Part<>(
                from >= to ? List.of() : all.subList(from, to),
                to >= all.size() ? "" : encoded(Integer.toString(to)));
    }

    private static int number(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw badToken();
        }
        return Integer.parseInt(text);
    }

    static Optional<ServicePage.Cursor> cursor(String token) {
        if (token.isEmpty()) {
            return Optional.empty();
        }
        String text = decoded(token);
        int space = text.indexOf(' ');
        try {
            return Optional.of(
                    new ServicePage.Cursor(
                            Instant.parse(text.substring(0, Math.max(space, 0))),
                            text.substring(space + 1)));
        } catch (DateTimeException e) {
            throw badToken();
        }
    }

    static String token(Optional<ServicePage.Cursor> next) {
        return next.map(c -> encoded(c.createdAt() + " " + c.name())).orElse("");
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String token) {
        try {
            if (token.length() <= LONGEST_TOKEN) {
                return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException notBase64) {
            // falls through to the one message below
        }
        throw badToken();
    }

    private static HearthException badToken() {
        return Sent.wrong("pageToken", "is none that a list answered with");
    }
}
