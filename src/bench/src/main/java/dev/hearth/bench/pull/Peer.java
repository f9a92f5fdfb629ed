package dev.hearth.bench.pull;

import java.nio.file.Path;

/** Another tool that pulls an image from a registry and unpacks it. */
interface Peer {
    /** As the table calls it. */
    String name();

    /**
     * Pulls once.
     *
     * @param store an empty directory, which keeps all that it makes
     */
    Pulled pull(PullImages images, Path store) throws InterruptedException;
}
