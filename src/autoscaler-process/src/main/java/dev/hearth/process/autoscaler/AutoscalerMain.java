package dev.hearth.process.autoscaler;

import dev.hearth.process.ProcessMain;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts an autoscaler; see {@link ProcessMain}. */
@QuarkusMain
public final class AutoscalerMain {
    private AutoscalerMain() {}

    public static void main(String[] args) {
        ProcessMain.run();
    }
}
