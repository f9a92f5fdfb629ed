package dev.hearth.runtime.net;

import dev.hearth.contracts.Ipv4Network;
import dev.hearth.contracts.SpecialNetworks;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rules that keep instances from each other and from the host, and let out what their policies
 * allow, in a table of our own.
 *
 * <p>What an instance sends is judged once, as it comes in and before anything else on the machine
 * sees it. Answers to the gateway need no connection tracking: an instance may send TCP segments
 * that do not open a connection to the gateway's side of its own subnet, from its own address. What
 * its policy lets out is tracked, translated to the host's address and counted per instance, and
 * only answers to it come back. All else is dropped, in every address family.
 *
 * @param table its name
 * @param prefix of the names of the host's ends
 * @param subnet of the instances
 * @param resolvers name servers that the policies {@code internet} and {@code all} open
 */
record Firewall(String table, String prefix, String subnet, List<Ipv4Network> resolvers) {
    /**
     * The rules beyond the closed ones that let anything out at all.
     *
     * @param flows the most tracked connections of an instance
     * @param closedToOthers whether forwarding is on only because of us, so that packets between
     *     other interfaces must be dropped as if it were off
     */
    record WayOut(int flows, boolean closedToOthers) {}

    /** Puts the rules up, in place of any that an earlier run left; nothing goes out yet. */
    void put() throws IOException {
        Nft.apply(closed());
    }

    /** As {@link #put}, with the way out open from the first moment. */
    void putOpen(WayOut wayOut) throws IOException {
        Nft.apply(closed() + opening(wayOut));
    }

    /** Lets out what the policies allow. */
    void open(WayOut wayOut) throws IOException {
        Nft.apply(opening(wayOut));
    }

    private String closed() {
        return """
        table inet %1$s
        delete table inet %1$s
        table inet %1$s {
            set never { type ipv4_addr; flags interval; auto-merge; elements = { %4$s } }
            set not_global { type ipv4_addr; flags interval; auto-merge; elements = { %5$s } }
            set resolvers { type ipv4_addr; flags interval; %6$s }
            map policies {
                type devgroup : verdict
                elements = { %7$d : goto to_internet, %8$d : goto to_all }
            }
            chain answer {
                tcp flags & (syn | ack) != syn notrack accept
                drop
            }
            chain to_internet {
                ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
                ip daddr @not_global reject with icmp admin-prohibited
                goto to_all
            }
            chain to_all {
                ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
                ip daddr @never reject with icmp admin-prohibited
                accept
            }
            chain from_instance {
                type filter hook prerouting priority raw; policy accept;
                iifname != "%2$s*" accept
                meta nfproto != ipv4 drop
                fib saddr . iif oif missing drop
                ip daddr %3$s goto answer
                fib daddr type { local, broadcast, anycast, multicast } drop
                meta l4proto != { tcp, udp, icmp } drop
                meta iifgroup vmap @policies
                reject with icmp admin-prohibited
            }
            chain input {
                type filter hook input priority filter - 10; policy accept;
                iifname "%2$s*" fib saddr . iif oif missing drop
                iifname "%2$s*" ip daddr %3$s tcp flags & (syn | ack) != syn accept
                iifname "%2$s*" drop
            }
            chain forward {
                type filter hook forward priority filter - 10; policy accept;
                iifname "%2$s*" drop
                oifname "%2$s*" drop
            }
            chain to_instance {
                type filter hook output priority raw; policy accept;
                oifname "%2$s*" notrack
            }
            chain output {
                type filter hook output priority filter - 10; policy accept;
                ip daddr %3$s oifname != "%2$s*" reject with icmp host-unreachable
            }
        }
        """
                .formatted(
                        table,
                        prefix,
                        subnet,
                        text(SpecialNetworks.NEVER),
                        text(SpecialNetworks.NOT_GLOBAL),
                        resolvers.isEmpty() ? "" : "elements = { " + text(resolvers) + " }",
                        Groups.INTERNET,
                        Groups.ALL);
    }

    private String opening(WayOut wayOut) {
        return """
        flush chain inet %1$s forward
        table inet %1$s {
            set flows { type ipv4_addr; size 65535; flags dynamic; }
            chain going_out {
                oifgroup %4$d-%5$d drop
                ct state established accept
                ct state != new drop
                add @flows { ip saddr ct count over %6$d } reject with icmp admin-prohibited
                accept
            }
            chain coming_back {
                ct state established,related accept
                drop
            }
            chain forward {
                iifname "%2$s*" goto going_out
                oifname "%2$s*" goto coming_back
                %7$s
            }
            chain translate {
                type nat hook postrouting priority srcnat; policy accept;
                ip saddr %3$s oifname != "%2$s*" masquerade
            }
        }
        """
                .formatted(
                        table,
                        prefix,
                        subnet,
                        Groups.FIRST,
                        Groups.LAST,
                        wayOut.flows(),
                        wayOut.closedToOthers()
                                ? "iifgroup %1$d-%2$d accept; oifgroup %1$d-%2$d accept; drop"
                                        .formatted(Groups.FIRST, Groups.LAST)
                                : "");
    }

    /** Gives the links of {@code group} these networks. */
    void add(int group, List<Ipv4Network> networks) throws IOException {
        Nft.apply(
                """
                table inet %1$s {
                    set networks_%2$d {
                        type ipv4_addr; flags interval; auto-merge
                        elements = { %3$s }
                    }
                    chain to_list_%2$d {
                        ip daddr @never reject with icmp admin-prohibited
                        ip daddr @networks_%2$d accept
                        reject with icmp admin-prohibited
                    }
                }
                add element inet %1$s policies { %2$d : goto to_list_%2$d }
                """
                        .formatted(table, group, text(networks)));
    }

    /** Takes away what {@link #add} gave. */
    void forget(List<Integer> groups) throws IOException {
        Nft.apply(
                groups.stream()
                        .map(
                                """
                                delete element inet %1$s policies { %2$d : goto to_list_%2$d }
                                flush chain inet %1$s list_%2$d
                                delete chain inet %1$s list_%2$d
                                delete set inet %1$s networks_%2$d
                                """
                                        ::formatted)
                        .collect(Collectors.joining()));
    }

    void remove() throws IOException {
        // naming it first makes the deletion succeed when it is gone already
        Nft.apply("table inet %1$s\ndelete table inet %1$s\n".formatted(table));
    }

    private static String text(List<Ipv4Network> networks) {
        return networks.stream().map(Ipv4Network::toString).collect(Collectors.joining(", "));
    }
}
