package dev.hearth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** TCP ports for programs that have to be told which to listen on. */
public final class Ports {
    private static final int FIRST = 61_000;
    private static final int COUNT = 4_000;

    /** Tests of other modules may run beside these, so each JVM begins somewhere. */
    private static final AtomicInteger NEXT = new AtomicInteger(new Random().nextInt(COUNT));

    private Ports() {}

    /**
     * One that nobody listens on. It is above those that the kernel gives to clients (by default,
     * see ip_local_port_range in ip(7)), which would else take it before the program does.
     */
    public static int free() {
        for (int tries = 0; tries < COUNT; tries++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // the next one, then
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("somebody listens on each of the ports from " + FIRST);
    }
}
