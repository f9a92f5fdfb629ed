package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Names of fields that mean something to whoever looks, found in a head's octets without making
 * strings: by length first, since few names share one. In any case, and with underscores for
 * dashes, which to a CGI-like program are the same (RFC 3875, 4.1.18).
 *
 * @param <M> what a name means
 */
public final class FieldNames<M> {
    private record Known<M>(AsciiString name, M meaning) {}

    private final List<List<Known<M>>> byLength = new ArrayList<>();
    private final M others;

    /**
     * @param meanings by name, in lower case
     * @param others what all other names mean
     */
    public FieldNames(Map<String, M> meanings, M others) {
        this.others = others;
        meanings.forEach(
                (name, meaning) -> {
                    while (byLength.size() <= name.length()) {
                        byLength.add(new ArrayList<>());
                    }
                    byLength.get(name.length()).add(new Known<>(new AsciiString(name), meaning));
                });
    }

    /** What the name from one octet to another means. */
    public M meaning(ByteBuf in, int from, int to) {
        if (to - from >= byLength.size()) {
            return others;
        }
        List<Known<M>> known = byLength.get(to - from);
        for (int i = 0; i < known.size(); i++) {
            if (is(in, from, known.get(i).name())) {
                return known.get(i).meaning();
            }
        }
        return others;
    }

    private static boolean is(ByteBuf in, int from, AsciiString name) {
        for (int i = 0; i < name.length(); i++) {
            byte octet = in.getByte(from + i);
            byte wanted = name.byteAt(i);
            boolean same =
                    octet == wanted
                            || octet >= 'A' && octet <= 'Z' && (octet | 0x20) == wanted
                            || octet == '_' && wanted == '-';
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
