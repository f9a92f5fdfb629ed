package dev.hearth.gateway.limit;

import java.net.InetAddress;

/**
 * A client in 64 bits: its IPv4 address, or the /64 network of its IPv6 address, which is what one
 * customer is given at the least (RFC 6177 section 2), so that 2^64 addresses are one client.
 */
final class ClientKey {
    /** IPv4 below a prefix that no client's IPv6 address has: multicast (RFC 4291 section 2.7). */
    private static final long IPV4 = 0xffff_ffff_0000_0000L;

    private ClientKey() {}

    /**
     * @param address as text, without a name to look up; what is none is a client of its own: a
     *     peer without an address
     */
    static long of(String address) {
        long v4 = ipv4(address);
        if (v4 >= 0) {
            return IPV4 | v4;
        }
        int scope = address.indexOf('%');
        try {
            byte[] bytes =
                    InetAddress.ofLiteral(scope < 0 ? address : address.substring(0, scope))
                            .getAddress(); // an IPv4 address mapped to IPv6 comes as IPv4
            return bytes.length == 4 ? IPV4 | bits(bytes, 4) : bits(bytes, 8);
        } catch (IllegalArgumentException none) {
            return IPV4 | bits(new byte[4], 4);
        }
    }

    private static long bits(byte[] bytes, int count) {
        long bits = 0;
        for (int i = 0; i < count; i++) {
            bits = bits << 8 | bytes[i] & 0xff;
        }
        return bits;
    }

    /** {@code 192.0.2.1} read without making anything; -1 when it is not of that form. */
    private static long ipv4(String address) {
        long bits = 0;
        int part = -1;
        int dots = 0;
        for (int i = 0; i < address.length(); i++) {
            char c = address.charAt(i);
            if (c >= '0' && c <= '9' && part <= 25) {
                part = Math.max(part, 0) * 10 + c - '0';
            } else if (c == '.' && part >= 0 && part <= 255 && dots < 3) {
                bits = bits << 8 | part;
                part = -1;
                dots++;
            } else {
                return -1;
            }
        }
        return dots == 3 && part >= 0 && part <= 255 ? bits << 8 | part : -1;
    }
}
