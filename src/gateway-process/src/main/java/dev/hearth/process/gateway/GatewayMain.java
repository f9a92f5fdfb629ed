package dev.hearth.process.gateway;

import dev.hearth.process.ProcessMain;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts a gateway; see {@link ProcessMain}. */
@QuarkusMain
public final class GatewayMain {
    private GatewayMain() {}

    public static void main(String[] args) {
        ProcessMain.run();
    }
}
