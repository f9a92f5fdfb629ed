package dev.hearth.contracts;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a revision's instances may open connections to. None of these opens a way to another
 * instance, to the host under any of its addresses, or to {@link SpecialNetworks#NEVER}.
 */
public sealed interface Egress {
    /** Nowhere: they answer requests, and that is all. */
    record None() implements Egress {
        @Override
        public String toString() {
            return "none";
        }
    }

    /** Everything globally routable, and the platform's name servers. */
    record Internet() implements Egress {
        @Override
        public String toString() {
            return "internet";
        }
    }

    /** The internet and every private network that the host has a route to. */
    record All() implements Egress {
        @Override
        public String toString() {
            return "all";
        }
    }

    /**
     * These networks and nothing else, not even a name server that is not in them.
     *
     * @param networks sorted, none twice, none within another
     */
    record Only(List<Ipv4Network> networks) implements Egress {
        /** The most networks of a list. */
        public static final int MOST = 64;

        /**
         * Throws INVALID {@code invalid-egress} for no network, too many, or one that no policy
         * opens.
         */
        public Only {
            if (networks.isEmpty() || networks.size() > MOST) {
                throw HearthException.invalid(
                        "invalid-egress",
                        "egress to "
                                + networks.size()
                                + " networks; a list has between 1 and "
                                + MOST
                                + " of them");
            }
            networks.forEach(Only::requireReachable);
            List<Ipv4Network> all = List.copyOf(networks);
            networks =
                    all.stream()
                            .distinct()
                            .filter(n -> all.stream().noneMatch(o -> !o.equals(n) && o.contains(n)))
                            .sorted()
                            .toList();
        }

        private static void requireReachable(Ipv4Network network) {
            for (Ipv4Network closed : SpecialNetworks.NEVER) {
                if (closed.contains(network)) {
                    throw HearthException.invalid(
                            "invalid-egress",
                            "egress to "
                                    + network
                                    + " cannot be allowed: no instance may send to "
                                    + closed
                                    + "; leave it out");
                }
            }
        }

        @Override
        public String toString() {
            return networks.stream().map(Ipv4Network::toString).collect(Collectors.joining(","));
        }
    }

    /** What a deploy gets that does not say: what users of such platforms expect. */
    Egress DEFAULT = new Internet();

    /**
     * The policy written as {@code none}, {@code internet}, {@code all} or networks with commas
     * between; throws INVALID {@code invalid-egress} or {@code invalid-network} otherwise.
     */
    static Egress parse(String text) {
        return switch (text) {
            case "none" -> new None();
            case "internet" -> new Internet();
            case "all" -> new All();
            default -> {
                if (text.isEmpty() || !text.contains(".") && !text.contains(":")) {
                    throw HearthException.invalid(
                            "invalid-egress",
                            "egress \""
                                    + text
                                    + "\" is none of: none, internet, all, or networks such as"
                                    + " 203.0.113.0/24,198.51.100.7");
                }
                yield new Only(Stream.of(text.split(",", -1)).map(Ipv4Network::parse).toList());
            }
        };
    }
}
