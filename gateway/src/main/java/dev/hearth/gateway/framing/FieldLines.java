package dev.hearth.gateway.framing;

import java.util.Arrays;

/**
 * Where the fields of a head are, in octets from the head's first one. Used again for each head of
 * a connection.
 */
public final class FieldLines {
    private static final int PLACES = 4;

    private int[] places = new int[PLACES * 16];
    private int count;

    void clear() {
        count = 0;
    }

    void add(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int at = count * PLACES;
        if (at == places.length) {
            places = Arrays.copyOf(places, at * 2);
        }
        places[at] = nameStart;
        places[at + 1] = nameEnd;
        places[at + 2] = valueStart;
        places[at + 3] = valueEnd;
        count++;
    }

    /** How many there are; a field is named by its number, from 0. */
    public int count() {
        return count;
    }

    /** Where a field's name begins. */
    public int start(int field) {
        return places[field * PLACES];
    }

    /** Where its colon is. */
    public int nameEnd(int field) {
        return places[field * PLACES + 1];
    }

    /** Where its value begins, without the white space before it. */
    public int valueStart(int field) {
        return places[field * PLACES + 2];
    }

    /** Where its value ends, without the white space and the end of line after it. */
    public int end(int field) {
        return places[field * PLACES + 3];
    }

    int lastValueStart() {
        return valueStart(count - 1);
    }

    int lastEnd() {
        return end(count - 1);
    }
}
