package dev.hearth.cli;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The warm part of the run in which the platform's JVM learns what to compile and how: many clients
 * at once, which now and then send or ask for something larger, and in the end go away in the
 * middle of it, round after round.
 *
 * <p>What HotSpot has not seen happen it leaves out of the code that it compiles, and throws that
 * code away when it does happen (an uncommon trap): the first clients that went away under load
 * cost a second or two of compiling, in which requests took four times the CPU. The profile of this
 * run is kept (JEP 515), and so has to hold what clients do.
 */
@Command(name = "rehearse-calls", hidden = true)
final class RehearseCommand extends HearthCommand {
    private static final int ROUNDS = 10;
    private static final int CLIENTS = 64;
    private static final int MOST_SECONDS = 60;

    @Option(names = "--host", required = true, description = "The service's name at the door.")
    @SuppressWarnings("NullAway.Init")
    private String host;

    @Option(names = "--port", required = true, description = "The door's port on 127.0.0.1.")
    private int port;

    @Option(names = "--requests", required = true, description = "How many in all.")
    private int requests;

    @Override
    public Integer call() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            round(requests / ROUNDS);
        }
        return 0;
    }

    private void round(int share) throws InterruptedException {
        AtomicInteger left = new AtomicInteger(share);
        List<RehearsedClient> clients = new ArrayList<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                RehearsedClient client = new RehearsedClient(host, port, i, left);
                clients.add(client);
                threads.execute(client);
            }
            threads.shutdown();
            for (int i = 0; i < MOST_SECONDS * 100 && left.get() > 0; i++) {
                if (threads.awaitTermination(10, TimeUnit.MILLISECONDS)) {
                    throw new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "rehearsal-failed",
                            host + " did not answer all requests");
                }
            }
        } finally {
            clients.forEach(RehearsedClient::close); // whatever they are at
            threads.shutdownNow();
        }
        threads.awaitTermination(MOST_SECONDS, TimeUnit.SECONDS);
    }
}
