package dev.hearth.imagecache.unpack;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The records of a PAX extended header: {@code LENGTH KEY=VALUE\n}, one after another. */
final class PaxRecords {
    private PaxRecords() {}

    /** A time with its fraction. */
    record Time(long seconds, int nanos) {}

    /** Puts the records into {@code into}; keys and values have one byte a character. */
    static void parse(byte[] raw, Map<String, String> into) throws BadLayerException {
        String all = new String(raw, StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < all.length()) {
            int blank = all.indexOf(' ', at);
            if (blank < 0 || blank - at > 9) {
                throw damaged();
            }
            long length = whole("record", all.substring(at, blank));
            int equals = all.indexOf('=', blank);
            long end = at + length;
            if (end > all.length()
                    || equals < 0
                    || equals >= end - 1
                    || all.charAt((int) end - 1) != '\n') {
                throw damaged();
            }
            into.put(all.substring(blank + 1, equals), all.substring(equals + 1, (int) end - 1));
            at = (int) end;
        }
    }

    /** A whole number, 0 or more. */
    static long whole(String key, String text) throws BadLayerException {
        if (text.isEmpty()
                || text.length() > 18
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new BadLayerException(
                    "has a PAX header whose " + key + " is \"" + EntryName.shown(text) + "\"");
        }
        return Long.parseLong(text);
    }

    /** Seconds since 1970 with a fraction, perhaps negative: {@code -1.25} is -2 s + 0.75 s. */
    static Time time(String text) throws BadLayerException {
        boolean negative = text.startsWith("-");
        String plain = negative ? text.substring(1) : text;
        int point = plain.indexOf('.');
        long seconds = whole("mtime", point < 0 ? plain : plain.substring(0, point));
        String digits = point < 0 ? "" : plain.substring(point + 1);
        String nine = (digits + "000000000").substring(0, 9);
        int nanos = (int) whole("mtime", nine);
        if (!negative) {
            return new Time(seconds, nanos);
        }
        return nanos == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - nanos);
    }

    private static BadLayerException damaged() {
        return new BadLayerException("has a damaged PAX header");
    }
}
