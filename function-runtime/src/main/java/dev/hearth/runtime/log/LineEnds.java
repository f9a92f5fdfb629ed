package dev.hearth.runtime.log;

/**
 * Where lines end in what containers print, as {@link String#lines} has it: at a line feed, a
 * carriage return, or both. Found in the octets, since a container can print a million empty lines
 * in a megabyte: nobody needs each of them as an object.
 */
final class LineEnds {
    private LineEnds() {}

    /** How many octets the first lines take, with their ends. */
    static int first(byte[] text, int length, int lines) {
        int seen = 0;
        for (int i = 0; i < length; i++) {
            if (isEnd(text, length, i) && ++seen == lines) {
                return i + 1;
            }
        }
        return length;
    }

    /** Where the last lines begin. */
    static int last(byte[] text, int length, int lines) {
        int seen = 0;
        for (int i = length - 2; i >= 0; i--) { // the very last octet is of the last line
            if (isEnd(text, length, i) && ++seen == lines) {
                return i + 1;
            }
        }
        return 0;
    }

    private static boolean isEnd(byte[] text, int length, int at) {
        return text[at] == '\n' || text[at] == '\r' && (at + 1 == length || text[at + 1] != '\n');
    }
}
