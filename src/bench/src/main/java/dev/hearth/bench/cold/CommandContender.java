package dev.hearth.bench.cold;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * A server that a command starts and another stops, both from a thread of their own: the time runs
 * from just before {@code posix_spawn}, and the same thread then tries the port.
 */
final class CommandContender implements Contender {
    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private final String name;
    private final How how;
    private final Clock clock;
    private final Probe probe;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());

    /**
     * The tool's ways.
     *
     * @param prepare what has to be done ahead for a port, unmeasured
     * @param start the command that makes the server listen on a port
     * @param portInEnvironment whether the server is told its port as {@code $PORT} of the command
     * @param stop ends the server; empty when killing the command does
     * @param cleanUp after the last start; empty when there is nothing
     */
    record How(
            IntConsumer prepare,
            IntFunction<List<String>> start,
            boolean portInEnvironment,
            List<String> stop,
            List<String> cleanUp) {}

    /**
     * @param withoutMount what is not mounted for these commands
     */
    CommandContender(String name, How how, Optional<String> withoutMount, Clock clock) {
        this.name = name;
        this.how = how;
        this.clock = clock;
        this.probe = new Probe(clock);
        onThread(
                () -> {
                    Posix.sleepExactly();
                    withoutMount.ifPresent(Posix::leaveMount);
                    return 0L;
                });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long coldNanos() {
        return onThread(this::start);
    }

    private long start() {
        int port = PrivatePlatform.freePort();
        how.prepare.accept(port);
        try (Arena arena = Arena.ofConfined()) {
            List<String> environment =
                    how.portInEnvironment
                            ? List.of(ENVIRONMENT.getFirst(), "PORT=" + port)
                            : ENVIRONMENT;
            Posix.Command command = new Posix.Command(arena, how.start.apply(port), environment);
            long begin = clock.nanos();
            int pid = command.start();
            try {
                return probe.sinceStart(port, begin);
            } finally {
                if (how.stop.isEmpty()) {
                    Posix.kill(pid);
                } else {
                    run(how.stop);
                }
                Posix.awaitEnd(pid);
            }
        }
    }

    private static void run(List<String> words) {
        try (Arena arena = Arena.ofConfined()) {
            Posix.awaitEnd(new Posix.Command(arena, words, ENVIRONMENT).start());
        }
    }

    private long onThread(java.util.concurrent.Callable<Long> work) {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof BenchFailure known
                    ? known
                    : new BenchFailure(name + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }

    @Override
    public void close() {
        try (thread) {
            if (!how.cleanUp.isEmpty()) {
                onThread(
                        () -> {
                            run(how.cleanUp);
                            return 0L;
                        });
            }
        }
    }
}
