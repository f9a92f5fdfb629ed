package dev.hearth.contracts;

/** Which images serve at the moment; safe for use by several threads. */
public interface ServedImages {
    /** How much an image is needed. */
    enum Need {
        /** No service serves it. */
        NONE,

        /** Its service's next cold start needs it. */
        SERVES,

        /** Its service always has instances, so that it is never evicted. */
        ALWAYS
    }

    /**
     * How much one is needed now.
     *
     * @param manifest its own digest
     */
    Need need(Digest manifest);
}
