package dev.hearth.contracts;

import java.util.List;

/**
 * A failure that can be shown to whoever asked: one sentence that says what was asked, what is
 * wrong and what to do next, and a reason that a program can compare.
 */
public final class HearthException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;
    private final String reason;
    private final transient List<String> details;

    /**
     * @param kind what sort of failure
     * @param reason lower-case words joined by dashes, stable across releases: {@code
     *     image-not-found}
     * @param message one sentence for a person
     */
    public HearthException(ErrorKind kind, String reason, String message) {
        super(message);
        this.kind = kind;
        this.reason = reason;
        this.details = List.of();
    }

    /** As above, caused by another failure whose stack trace helps whoever debugs Hearth. */
    public HearthException(ErrorKind kind, String reason, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.reason = reason;
        this.details = List.of();
    }

    /**
     * As above, with lines that show what happened.
     *
     * @param details evidence, a line each: the container's last log lines
     */
    public HearthException(ErrorKind kind, String reason, String message, List<String> details) {
        super(message);
        this.kind = kind;
        this.reason = reason;
        this.details = List.copyOf(details);
    }

    /** A failure that the caller has to mend. */
    public static HearthException invalid(String reason, String message) {
        return new HearthException(ErrorKind.INVALID, reason, message);
    }

    public ErrorKind kind() {
        return kind;
    }

    public String reason() {
        return reason;
    }

    /** Lines of evidence, often none. */
    public List<String> details() {
        return details;
    }

    /** The message, never absent. */
    public String sentence() {
        String message = getMessage();
        return message == null ? reason : message;
    }

    /** The failure inside wrappers such as CompletionException, or an INTERNAL one around it. */
    public static HearthException from(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof HearthException known) {
                return known;
            }
        }
        return new HearthException(
                ErrorKind.INTERNAL,
                "internal",
                "Hearth failed unexpectedly (" + failure + "); see the platform's log",
                failure);
    }
}
