package dev.hearth.contracts;

import java.util.List;

/**
 * A piece of a service's log.
 *
 * @param cursor where the next piece begins; opaque; give it back to go on
 */
public record LogPage(List<Line> lines, String cursor) {
    /** One line that an instance wrote to stdout or stderr, without its line end. */
    public record Line(String instance, String text) {}
}
