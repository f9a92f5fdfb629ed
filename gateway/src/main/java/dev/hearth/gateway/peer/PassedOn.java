package dev.hearth.gateway.peer;

import java.util.Optional;

/**
 * What a gateway says of a request that it passes on: who it is, how often the request was passed
 * on, and where it came from. Shown with the cluster token, in a header that no container and no
 * client ever gets.
 *
 * @param from the id of the gateway
 * @param hops 1 for the first time
 * @param address of the client's end of its connection
 * @param scheme {@code http} or {@code https}
 */
public record PassedOn(String from, int hops, String address, String scheme) {
    /** In lower case. */
    public static final String HEADER = "hearth-passed";

    /** More than a disagreement between gateways can need; then it is a loop. */
    public static final int MOST_HOPS = 3;

    /** The header's value. */
    public String header(String token) {
        return token + " " + from + " " + hops + " " + address + " " + scheme;
    }

    /** What a header says; empty when it does not show the token, or says nothing sensible. */
    public static Optional<PassedOn> parse(String header, Tokens tokens) {
        String[] parts = header.split(" ", -1);
        boolean sound =
                parts.length == 5
                        && tokens.is(parts[0])
                        && parts[2].matches("[1-9]")
                        && (parts[4].equals("http") || parts[4].equals("https"));
        return sound
                ? Optional.of(new PassedOn(parts[1], parts[2].charAt(0) - '0', parts[3], parts[4]))
                : Optional.empty();
    }

    /** Whether a token is the right one. */
    @FunctionalInterface
    public interface Tokens {
        boolean is(String shown);
    }
}
