package dev.hearth.contracts;

import java.util.List;
import java.util.stream.Stream;

/** The IPv4 ranges that are not the internet (IANA's special-purpose registry, RFC 6890). */
public final class SpecialNetworks {
    /** What no instance ever sends to, whatever its policy. */
    public static final List<Ipv4Network> NEVER =
            networks(
                    "0.0.0.0/8", // this network, RFC 1122 section 3.2.1.3
                    "127.0.0.0/8", // loopback, RFC 1122 section 3.2.1.3
                    "169.254.0.0/16", // link-local, where clouds keep their metadata, RFC 3927
                    "224.0.0.0/4", // multicast, RFC 5771
                    "240.0.0.0/4"); // reserved, RFC 1112 section 4, and broadcast, RFC 919

    /** What else is not globally routable. */
    public static final List<Ipv4Network> NOT_GLOBAL =
            networks(
                    "10.0.0.0/8", // private, RFC 1918
                    "100.64.0.0/10", // shared by carriers, RFC 6598
                    "172.16.0.0/12", // private, RFC 1918
                    "192.0.0.0/24", // protocol assignments, RFC 6890 section 2.1
                    "192.0.2.0/24", // documentation, RFC 5737
                    "192.88.99.0/24", // once 6to4's relays, RFC 7526
                    "192.168.0.0/16", // private, RFC 1918
                    "198.18.0.0/15", // benchmarks, RFC 2544
                    "198.51.100.0/24", // documentation, RFC 5737
                    "203.0.113.0/24"); // documentation, RFC 5737

    private SpecialNetworks() {}

    private static List<Ipv4Network> networks(String... all) {
        return Stream.of(all).map(Ipv4Network::parse).toList();
    }
}
