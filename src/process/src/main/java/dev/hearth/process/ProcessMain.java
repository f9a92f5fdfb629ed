package dev.hearth.process;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.quarkus.runtime.Quarkus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that runs some of the rooms; its settings are environment variables. Exit codes: 0
 * stopped, 128 and the number of the signal that stopped it, 1 Hearth failed, 2 somebody has to
 * change something.
 */
public final class ProcessMain {
    /** After this the JVM ends although not everything was stopped. */
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(90);

    private ProcessMain() {}

    /** Runs Quarkus with the rooms that are on the class path, until it is told to stop. */
    public static void run() {
        CountDownLatch done = new CountDownLatch(1);
        AtomicBoolean stopping = new AtomicBoolean();
        AtomicInteger exit = new AtomicInteger(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(done, stopping), "stop"));
        try {
            Quarkus.run(
                    RoomsApplication.class,
                    (code, failure) ->
                            exit.set(failure == null || stopping.get() ? code : complain(failure)));
        } finally {
            done.countDown();
        }
        System.exit(exit.get());
    }

    /** There is no other log than this: what is not ours to explain is shown as it is. */
    private static int complain(Throwable failure) {
        HearthException known =
                MissingSetting.in(failure).orElseGet(() -> HearthException.from(failure));
        if (known.kind() == ErrorKind.INTERNAL) {
            failure.printStackTrace();
        }
        return Complaint.print(known);
    }

    /** Keeps SIGTERM from ending the JVM before the main thread has stopped all. */
    private static void await(CountDownLatch done, AtomicBoolean stopping) {
        stopping.set(true);
        try {
            if (!done.await(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("hearth: stopping took too long; something may be left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
