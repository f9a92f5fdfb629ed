package dev.hearth.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/**
 * Text as it may go to a terminal. What containers print, and what people call things, is no
 * terminal's orders: control characters, with which one can set the clipboard, the title or what
 * stands in earlier lines, and those that turn the direction of writing are written as JSON escapes
 * them. Line ends, tabs and colours (ECMA-48's SGR) stay.
 *
 * <p>Not safe for several threads, but by a PrintWriter around it.
 */
final class TerminalText extends FilterWriter {
    private static final char ESCAPE = 0x1b;
    private static final int LONGEST_COLOUR = 32;

    /** The beginning of what may be a colour. */
    private final StringBuilder begun = new StringBuilder();

    TerminalText(Writer out) {
        super(out);
    }

    @Override
    public void write(int c) throws IOException {
        char next = (char) c;
        if (begun.isEmpty() && next != ESCAPE) {
            plain(next);
            return;
        }
        boolean goesOn =
                switch (begun.length()) {
                    case 0 -> true;
                    case 1 -> next == '[';
                    default ->
                            next == 'm' || next == ';' || next == ':' || next >= '0' && next <= '9';
                };
        if (!goesOn || begun.length() >= LONGEST_COLOUR) {
            end();
            write(c);
            return;
        }
        begun.append(next);
        if (next == 'm') {
            out.write(begun.toString());
            begun.setLength(0);
        }
    }

    /** It was none. */
    private void end() throws IOException {
        for (int i = 0; i < begun.length(); i++) {
            plain(begun.charAt(i));
        }
        begun.setLength(0);
    }

    private void plain(char c) throws IOException {
        boolean stays = c == '\n' || c == '\t' || !Character.isISOControl(c) && !turns(c);
        out.write(stays ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }

    /** Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9). */
    private static boolean turns(char c) {
        return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(text[i]);
        }
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(text.charAt(i));
        }
    }

    @Override
    public void flush() throws IOException {
        end();
        super.flush();
    }
}
