package dev.hearth.imagecache.unpack;

import java.nio.charset.StandardCharsets;

/** The 512 bytes before each entry of a tar archive, read where they stand. */
record TarHeader(byte[] block) {
    private static final int CHECKSUM_AT = 148;

    void checkSum() throws BadLayerException {
        long sum = 0;
        for (int i = 0; i < block.length; i++) {
            boolean inSum = i >= CHECKSUM_AT && i < CHECKSUM_AT + 8;
            sum += inSum ? ' ' : block[i] & 0xff;
        }
        boolean same;
        try {
            same = number(CHECKSUM_AT, 8) == sum;
        } catch (BadLayerException notEvenANumber) {
            same = false;
        }
        if (!same) {
            throw new BadLayerException("is not a tar archive, or is damaged");
        }
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    /** What the entry is; an old archive marks a directory only by a slash at the name's end. */
    TarEntry.Kind kind(boolean slashAtEnd) throws BadLayerException {
        return switch (type()) {
            case '0', '\0', '7' -> slashAtEnd ? TarEntry.Kind.DIRECTORY : TarEntry.Kind.FILE;
            case '1' -> TarEntry.Kind.HARD_LINK;
            case '2' -> TarEntry.Kind.SYMLINK;
            case '3', '4' -> TarEntry.Kind.DEVICE;
            case '5' -> TarEntry.Kind.DIRECTORY;
            case '6' -> TarEntry.Kind.FIFO;
            case 'S' -> throw new BadLayerException("has a sparse file; pack it without --sparse");
            default ->
                    throw new BadLayerException(
                            "has an entry of unknown type "
                                    + Integer.toHexString(type())
                                    + " (hexadecimal)");
        };
    }

    /** Prefix and name; GNU's own format has times where POSIX has the prefix. */
    String name() {
        boolean posix = text(257, 6).equals("ustar") && block[263] == '0';
        String prefix = posix ? text(345, 155) : "";
        return prefix.isEmpty() ? text(0, 100) : prefix + "/" + text(0, 100);
    }

    int mode() throws BadLayerException {
        return (int) (number(100, 8) & 07777);
    }

    long user() throws BadLayerException {
        return number(108, 8);
    }

    long group() throws BadLayerException {
        return number(116, 8);
    }

    long size() throws BadLayerException {
        return number(124, 12);
    }

    long seconds() throws BadLayerException {
        return number(136, 12);
    }

    String linkName() {
        return text(157, 100);
    }

    private String text(int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return new String(block, from, end - from, StandardCharsets.ISO_8859_1);
    }

    /** Octal digits among blanks and NULs, or GNU's base 256 where the first bit is set. */
    private long number(int from, int length) throws BadLayerException {
        return (block[from] & 0x80) != 0 ? binary(from, length) : octal(from, length);
    }

    private long binary(int from, int length) throws BadLayerException {
        boolean negative = (block[from] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            long b = block[from + i] & 0xff;
            if (i == 0) {
                b = negative ? b | 0x80 : b & 0x7f;
            }
            if (value != (value << 8) >> 8) {
                throw damaged();
            }
            value = value << 8 | b;
        }
        return value;
    }

    private long octal(int from, int length) throws BadLayerException {
        long value = 0;
        boolean begun = false;
        boolean ended = false;
        for (int i = from; i < from + length; i++) {
            byte b = block[i];
            if (b == ' ' || b == 0) {
                ended = begun;
            } else if (b >= '0' && b <= '7' && !ended) {
                begun = true;
                value = value << 3 | (b - '0');
            } else {
                throw damaged();
            }
        }
        return value;
    }

    private static BadLayerException damaged() {
        return new BadLayerException("has a damaged number in a tar header");
    }
}
