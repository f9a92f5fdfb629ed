package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.PosixException;
import dev.hearth.runtime.posix.SeqpacketSocket;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A slot's own socket, over which it is started once, with no third process to wake up on the way:
 * by {@link #start}, or by {@link #load} ahead of its request and {@link #startLoaded} then.
 * Closing it before that ends the slot. For one thread at a time; {@link #await} blocks it in a
 * system call.
 */
public final class SlotControl implements AutoCloseable {
    private final @Nullable SeqpacketSocket socket;
    private final int answerSeconds;

    private SlotControl() {
        this.socket = null;
        this.answerSeconds = 0;
    }

    /** Of a slot that started long ago: there is nothing left to order. */
    public static SlotControl ofStarted() {
        return new SlotControl();
    }

    private SeqpacketSocket open() {
        if (socket == null) {
            throw new IllegalStateException("a slot is started once");
        }
        return socket;
    }

    SlotControl(SeqpacketSocket socket, int answerSeconds) throws IOException {
        this.socket = socket;
        this.answerSeconds = answerSeconds;
        socket.receiveWithin(answerSeconds);
    }

    /**
     * How long the two halves of a start took.
     *
     * @param rootfsNanos from the order until the root filesystem was entered; 0 when it was before
     * @param execNanos from then until the command executed
     */
    public record Started(long rootfsNanos, long execNanos) {}

    /**
     * Orders the start; does not wait for it. The limits must be set.
     *
     * @param log takes the command's stdout and stderr
     */
    public void start(ProcessSpec spec, Fd log) throws IOException {
        order(LauncherMessage.START, spec, log);
    }

    /** Orders all of the start but the command's first instruction, with the same rules. */
    public void load(ProcessSpec spec, Fd log) throws IOException {
        order(LauncherMessage.LOAD, spec, log);
    }

    /** Orders what is left of the start of a slot that was loaded. */
    public void startLoaded() throws IOException {
        send(LauncherMessage.START, List.of());
    }

    private void order(int type, ProcessSpec spec, Fd log) throws IOException {
        try (Fd memory = Fd.memory("hearth-spec", spec.toBytes())) {
            send(type, List.of(memory, log));
        }
    }

    /** Waits until what was ordered is done; throws LauncherFailure when it cannot be. */
    public Started await() throws IOException {
        try {
            return read(open().receive(LauncherMessage.BYTES));
        } catch (PosixException e) {
            if (e.errno() == Errno.EAGAIN) {
                throw new IOException(
                        "the sandbox did not answer within " + answerSeconds + " s", e);
            }
            throw e;
        }
    }

    private static Started read(SeqpacketSocket.Received got) throws IOException {
        if (got.message().length == 0) {
            throw new LauncherFailure(StartStep.DIED, Errno.EIO);
        }
        LauncherMessage answer = LauncherMessage.parse(got.message());
        if (answer.type() == LauncherMessage.FAILED) {
            throw new LauncherFailure(StartStep.of(answer.step()), answer.error());
        }
        return new Started(answer.rootfsNanos(), answer.execNanos());
    }

    private void send(int type, List<Fd> fds) throws IOException {
        try {
            open().send(LauncherMessage.request(type, 0, 0, 0).toBytes(), fds);
        } catch (PosixException e) {
            // EPIPE: it ended; what it said before that, if anything, is the better answer
            if (e.errno() != Errno.EPIPE) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
    }
}
