package dev.hearth.bench.cold;

import dev.hearth.contracts.Clock;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** A server that a command starts in the background and another stops. */
final class CommandContender implements Contender {
    private final String name;
    private final Shell shell;
    private final IntConsumer prepare;
    private final IntFunction<String> start;
    private final String stop;
    private final Runnable cleanUp;
    private final Clock clock;
    private final Probe probe;

    /**
     * @param prepare what has to be done ahead for a port, unmeasured
     * @param start the command that makes the server listen on a port; must not wait for its end
     * @param stop waits until the server is gone
     * @param cleanUp after the last start
     */
    CommandContender(
            String name,
            Shell shell,
            IntConsumer prepare,
            IntFunction<String> start,
            String stop,
            Runnable cleanUp,
            Clock clock) {
        this.name = name;
        this.shell = shell;
        this.prepare = prepare;
        this.start = start;
        this.stop = stop;
        this.cleanUp = cleanUp;
        this.clock = clock;
        this.probe = new Probe(clock);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long coldNanos() {
        int port = Probe.freePort();
        prepare.accept(port);
        String command = start.apply(port);
        try {
            long begin = clock.nanos();
            shell.send(command);
            return probe.sinceStart(port, begin);
        } finally {
            shell.run(stop);
        }
    }

    @Override
    public void close() {
        try (shell) {
            cleanUp.run();
        }
    }
}
