package dev.hearth.process;

import dev.hearth.contracts.HearthException;

/** How a start that failed is told to the person at the terminal. */
public final class Complaint {
    private Complaint() {}

    /** Prints one sentence, then the evidence if any; answers the exit code. */
    public static int print(HearthException failure) {
        System.err.println("hearth: " + failure.sentence());
        failure.details().forEach(line -> System.err.println("  " + line));
        return failure.kind().isCallersFault() ? 2 : 1;
    }
}
