package dev.hearth.runtime.probe;

import java.io.IOException;

/** One try of a probe. */
public interface Attempt {
    /**
     * Tries, and blocks for the probe's timeout at most. Throws IOException only where the try
     * itself cannot be made.
     */
    boolean succeeds() throws IOException;
}
