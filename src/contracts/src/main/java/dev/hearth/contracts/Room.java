package dev.hearth.contracts;

/**
 * A room's part in starting and stopping the process it runs in. Each room's {@code app} package
 * offers one as a CDI bean; the process starts them in the order of their {@link Step} and stops
 * them in the reverse order, on one thread that may block.
 */
public interface Room {
    /** When it is the room's turn. */
    enum Step {
        IMAGES,
        RUNTIME,
        CATALOG,
        SCALING,
        /** Last to start, first to stop: requests come in only while all else is there. */
        TRAFFIC
    }

    Step step();

    /** Makes the room ready; throws a HearthException that says what is missing. */
    void start();

    /**
     * Frees everything the room made, within seconds; must work after a {@link #start} that failed.
     */
    void stop();
}
