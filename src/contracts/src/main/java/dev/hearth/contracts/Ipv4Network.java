package dev.hearth.contracts;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses in CIDR notation (RFC 4632): {@code 203.0.113.0/24}.
 *
 * @param address the first one, as a number
 * @param prefix bits that all of them share, 0 to 32
 */
public record Ipv4Network(int address, int prefix) implements Comparable<Ipv4Network> {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");

    /** Throws INVALID {@code invalid-network} when the prefix is out of range or bits follow it. */
    public Ipv4Network {
        if (prefix < 0 || prefix > 32) {
            throw HearthException.invalid(
                    "invalid-network",
                    "network " + text(address) + "/" + prefix + " has no prefix of 0 to 32 bits");
        }
        int first = address & mask(prefix);
        if (first != address) {
            throw HearthException.invalid(
                    "invalid-network",
                    "network "
                            + text(address)
                            + "/"
                            + prefix
                            + " has bits beyond its prefix; say "
                            + text(first)
                            + "/"
                            + prefix
                            + " or "
                            + text(address)
                            + "/32");
        }
    }

    /**
     * The network written as {@code text}, an address alone standing for itself; throws INVALID
     * {@code invalid-network} otherwise.
     */
    public static Ipv4Network parse(String text) {
        Matcher m = FORM.matcher(text);
        if (m.matches()) {
            int address = 0;
            boolean fits = true;
            for (int i = 1; i <= 4; i++) {
                int octet = Integer.parseInt(m.group(i));
                fits &= octet <= 255;
                address = address << 8 | octet;
            }
            if (fits) {
                return new Ipv4Network(
                        address, m.group(5) == null ? 32 : Integer.parseInt(m.group(5)));
            }
        }
        throw HearthException.invalid(
                "invalid-network",
                text.contains(":")
                        ? "\""
                                + text
                                + "\" is IPv6, which instances do not have; name IPv4 networks"
                        : "\""
                                + text
                                + "\" is not an IPv4 network such as 203.0.113.0/24 or 203.0.113.7");
    }

    /** Whether every address of {@code other} is in this network. */
    public boolean contains(Ipv4Network other) {
        return other.prefix >= prefix && (other.address & mask(prefix)) == address;
    }

    /** The first address in dotted form. */
    public String first() {
        return text(address);
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (32 - prefix);
    }

    private static String text(int address) {
        return (address >>> 24)
                + "."
                + (address >>> 16 & 255)
                + "."
                + (address >>> 8 & 255)
                + "."
                + (address & 255);
    }

    /** By address, the wider one first. */
    @Override
    public int compareTo(Ipv4Network other) {
        int byAddress = Integer.compareUnsigned(address, other.address);
        return byAddress != 0 ? byAddress : Integer.compare(prefix, other.prefix);
    }

    @Override
    public String toString() {
        return text(address) + "/" + prefix;
    }
}
