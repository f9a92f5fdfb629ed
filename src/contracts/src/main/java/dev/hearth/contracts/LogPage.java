package dev.hearth.contracts;

import java.util.List;

/**
 * A piece of a service's log.
 *
 * @param cursor where the next piece begins; opaque; give it back to go on
 */
public record LogPage(List<Line> lines, String cursor) {
    /**
     * One line that an instance wrote to stdout or stderr, without its line end.
     *
     * @param revision of the instance; the attempt of a job's task
     */
    public record Line(String revision, String instance, String text) {}
}
