package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;

/** The syntax of a host with perhaps a port (RFC 9110, 7.2): no user, no path, IPv6 in brackets. */
final class Authority {
    private static final int LONGEST = 262; // a DNS name of 255, a colon and a port

    private Authority() {}

    static boolean isValid(ByteBuf in, int from, int to) {
        if (to <= from || to - from > LONGEST) {
            return false;
        }
        int at = from;
        if (in.getByte(at) == '[') {
            at++;
            while (at < to && isAddress(in.getByte(at))) {
                at++;
            }
            if (at == from + 1 || at == to || in.getByte(at) != ']') {
                return false;
            }
            at++;
        } else {
            while (at < to && Octets.isHost(in.getByte(at) & 0xff)) {
                at++;
            }
            if (at == from) {
                return false;
            }
        }
        return at == to || in.getByte(at) == ':' && isPort(in, at + 1, to);
    }

    private static boolean isAddress(int octet) {
        return Octets.hex(octet) >= 0 || octet == ':' || octet == '.';
    }

    private static boolean isPort(ByteBuf in, int from, int to) {
        if (to == from || to - from > 5) {
            return false;
        }
        int port = 0;
        for (int i = from; i < to; i++) {
            int digit = in.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            port = port * 10 + digit;
        }
        return port <= 0xffff;
    }
}
