package dev.hearth.bench.cold;

/** A way to start the server from nothing. */
public interface Contender extends AutoCloseable {
    /** As the table calls it. */
    String name();

    /**
     * Starts the server, sends it one request, and stops it.
     *
     * @return nanoseconds from the start (or, through the gateway, from the request's first byte)
     *     to the response's first byte
     * @throws BenchFailure when it did not answer
     */
    long coldNanos() throws InterruptedException;

    /** Removes everything it made. */
    @Override
    void close();
}
