package dev.hearth.contracts;

/**
 * What sort of failure it was; decides the HTTP status of an API answer and the CLI's exit code.
 */
public enum ErrorKind {
    /** The caller asked for something that cannot be; asking again unchanged will fail again. */
    INVALID(400),
    /** No valid token came with the request. */
    UNAUTHENTICATED(401),
    /** The token is valid, and its role or its project is not enough for this. */
    FORBIDDEN(403),
    /** What was named does not exist. */
    NOT_FOUND(404),
    /** It clashes with what exists. */
    CONFLICT(409),
    /** The request is fine, but what it names does not work (an image that will not start). */
    FAILED_PRECONDITION(422),
    /** A limit of capacity; try later. */
    EXHAUSTED(429),
    /** Hearth itself failed. */
    INTERNAL(500),
    /** Something Hearth needs is away (database, registry); try later. */
    UNAVAILABLE(503),
    /** It took longer than its deadline. */
    DEADLINE(504);

    private final int httpStatus;

    ErrorKind(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /** The status of an API answer that carries this kind. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the caller, not the platform, has to change something. */
    public boolean isCallersFault() {
        return httpStatus < 500 && this != EXHAUSTED;
    }
}
