package dev.hearth.contracts;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses in front of the gateway whose word is taken for where a request came from: load
 * balancers, and whatever ends TLS. Anybody else's is replaced by what the connection shows.
 */
public final class TrustedProxies {
    /** Nobody. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    /** The most networks of a list. */
    public static final int MOST = 64;

    /**
     * @param octets of the first address, 4 or 16
     * @param prefix bits that all addresses share with it
     */
    private record Network(byte[] octets, int prefix) {
        boolean has(byte[] address) {
            if (address.length != octets.length) {
                return false;
            }
            for (int bit = 0; bit < prefix; bit += 8) {
                int mask = prefix - bit >= 8 ? 0xff : 0xff << (8 - (prefix - bit));
                if (((address[bit / 8] ^ octets[bit / 8]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * Those written as {@code 10.0.0.0/8,2001:db8::/32,192.0.2.7}.
     *
     * @throws HearthException INVALID {@code invalid-proxies}
     */
    public static TrustedProxies parse(String text) {
        List<Network> networks = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            networks.add(network(each.strip()));
        }
        if (networks.size() > MOST) {
            throw HearthException.invalid(
                    "invalid-proxies",
                    networks.size()
                            + " networks of trusted proxies are too many; name at most "
                            + MOST);
        }
        return new TrustedProxies(List.copyOf(networks));
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        try {
            byte[] octets =
                    InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash)).getAddress();
            int bits = octets.length * 8;
            int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
            if (prefix >= 0 && prefix <= bits) {
                return new Network(octets, prefix);
            }
        } catch (IllegalArgumentException neither) {
            throw notANetwork(text);
        }
        throw notANetwork(text);
    }

    private static HearthException notANetwork(String text) {
        return HearthException.invalid(
                "invalid-proxies",
                "\""
                        + text
                        + "\" is no network of trusted proxies; give addresses or networks such as"
                        + " 10.0.0.0/8,2001:db8::/32");
    }

    /** Whether nobody is trusted. */
    public boolean areNone() {
        return networks.isEmpty();
    }

    /** Whether an address is one of theirs. */
    public boolean trust(InetAddress address) {
        byte[] octets = address.getAddress();
        return networks.stream().anyMatch(n -> n.has(octets));
    }
}
