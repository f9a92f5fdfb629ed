package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.netty.util.ByteProcessor;

/** What the octets of a request may be, and comparing them without making strings. */
final class Octets {
    static final byte CR = '\r';
    static final byte LF = '\n';
    static final byte SPACE = ' ';
    static final byte TAB = '\t';

    private static final String LETTERS_AND_DIGITS =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /** tchar (RFC 9110, 5.6.2). */
    private static final boolean[] TOKEN = table(LETTERS_AND_DIGITS + "!#$%&'*+-.^_`|~");

    /**
     * A reg-name (RFC 3986, 3.2.2) without percent-encoding and sub-delims, which no DNS name has,
     * and which would end a parameter of Forwarded.
     */
    private static final boolean[] HOST = table(LETTERS_AND_DIGITS + "-._");

    /** Stops at what no value has; Netty checks the bounds of a range once, not of each octet. */
    static final ByteProcessor VALUE = octet -> isValue(octet & 0xff);

    private Octets() {}

    private static boolean[] table(String members) {
        boolean[] table = new boolean[256];
        for (int i = 0; i < members.length(); i++) {
            table[members.charAt(i)] = true;
        }
        return table;
    }

    static boolean isToken(int octet) {
        return octet < 256 && TOKEN[octet & 0xff];
    }

    static boolean isHost(int octet) {
        return octet < 256 && HOST[octet & 0xff];
    }

    static boolean isDigit(int octet) {
        return octet >= '0' && octet <= '9';
    }

    /** VCHAR: what a target may be made of. */
    static boolean isVisible(int octet) {
        return octet > ' ' && octet < 0x7f;
    }

    /** field-content (RFC 9110, 5.5): visible, obs-text, space and tab. */
    static boolean isValue(int octet) {
        return octet >= ' ' && octet != 0x7f || octet == TAB;
    }

    /** The value of a hexadecimal digit; -1 for what is none. */
    static int hex(int octet) {
        if (isDigit(octet)) {
            return octet - '0';
        }
        int lower = octet | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** Whether {@code from} to {@code to} is a word, given in lower case, in any case. */
    static boolean is(ByteBuf in, int from, int to, AsciiString word) {
        if (to - from != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (lower(in.getByte(from + i)) != word.byteAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether these octets come from {@code from} on; there are as many. */
    static boolean startsWith(ByteBuf in, int from, AsciiString octets) {
        for (int i = 0; i < octets.length(); i++) {
            if (in.getByte(from + i) != octets.byteAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether two ranges of the same length are equal but for case. */
    static boolean same(ByteBuf in, int one, int other, int length) {
        for (int i = 0; i < length; i++) {
            if (lower(in.getByte(one + i)) != lower(in.getByte(other + i))) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
    }
}
