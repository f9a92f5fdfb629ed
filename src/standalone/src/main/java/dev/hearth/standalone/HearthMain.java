package dev.hearth.standalone;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.process.Complaint;
import dev.hearth.standalone.data.DataDirectory;
import dev.hearth.standalone.data.Preflight;
import dev.hearth.standalone.options.Settings;
import dev.hearth.standalone.options.UpOptions;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The program behind {@code hearth up}. Exit codes: 0 stopped through its API, 128 and the number
 * of the signal that stopped it, 1 Hearth failed, 2 the caller has to change something.
 */
@QuarkusMain
public final class HearthMain {
    /** After this the JVM ends although not everything was stopped. */
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(60);

    private HearthMain() {}

    /** Read the options, check everything, begin the embedded servers, run Quarkus, stop them. */
    public static void main(String[] args) {
        if (UpOptions.wantsHelp(args)) {
            System.out.print(UpOptions.help());
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        int code;
        AtomicBoolean stopping = new AtomicBoolean();
        try {
            Settings settings = UpOptions.parse(System.getenv(), args);
            DataDirectory data = Preflight.check(settings);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> await(done, stopping), "stop"));
            try (Launch launch = Launch.begin(settings, data, stopping, Clock.system())) {
                launch.configuration()
                        .forEach((k, v) -> System.setProperty(k.toString(), v.toString()));
                code = runQuarkus(launch);
            }
        } catch (HearthException e) {
            code = Complaint.print(e);
        } catch (IOException | RuntimeException e) {
            code = Complaint.print(HearthException.from(e));
        } finally {
            done.countDown();
        }
        System.exit(code);
    }

    private static int runQuarkus(Launch launch) {
        AtomicInteger exit = new AtomicInteger(1);
        ScopedValue.where(Launch.CURRENT, launch)
                .run(
                        () ->
                                Quarkus.run(
                                        HearthApplication.class,
                                        (code, failure) ->
                                                exit.set(
                                                        failure == null || launch.isStopping()
                                                                ? code
                                                                : Complaint.print(
                                                                        HearthException.from(
                                                                                failure)))));
        return exit.get();
    }

    /** Keeps a Ctrl-C or SIGTERM from ending the JVM before the main thread has stopped all. */
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
