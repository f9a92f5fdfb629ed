package dev.hearth.process.node;

import dev.hearth.process.ProcessMain;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts a node; see {@link ProcessMain}. */
@QuarkusMain
public final class NodeMain {
    private NodeMain() {}

    public static void main(String[] args) {
        ProcessMain.run();
    }
}
