package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.NetlinkSocket;
import dev.hearth.runtime.posix.SeqpacketSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A connection to the resident launcher. Requests may come from any thread and block until
 * answered; one thread of its own reads answers and exits.
 */
public final class Launcher implements AutoCloseable {
    /** A parked sandbox takes milliseconds; this long only on a machine that is going under. */
    private static final int ANSWER_SECONDS = 20;

    private final SeqpacketSocket socket;
    private final Consumer<Exit> onExit;
    private final ConcurrentHashMap<Long, CompletableFuture<Answer>> waiting =
            new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicLong lastTag = new AtomicLong();
    private volatile boolean userNamespaces;

    private record Answer(LauncherMessage message, List<Fd> fds) {}

    /**
     * A parked sandbox.
     *
     * @param slot the launcher's number for it
     * @param pid of its init, in the host's pid namespace
     * @param netlink acts inside its network namespace; the receiver closes it
     * @param control starts it; the receiver closes it
     */
    public record Parked(int slot, int pid, NetlinkSocket netlink, SlotControl control) {}

    /**
     * The end of a sandbox.
     *
     * @param status as wait(2) gives it
     */
    public record Exit(int slot, int status) {}

    private Launcher(SeqpacketSocket socket, Consumer<Exit> onExit) {
        this.socket = socket;
        this.onExit = onExit;
    }

    /**
     * Connects to the launcher that listens at {@code path}.
     *
     * @param onExit called on the reading thread, which it must not block
     */
    public static Launcher connect(Path path, Consumer<Exit> onExit) throws IOException {
        Launcher launcher = new Launcher(SeqpacketSocket.connect(path), onExit);
        Thread.ofPlatform().daemon().name("launcher-reader").start(launcher::read);
        Answer welcome = launcher.request(LauncherMessage.HELLO, 0, List.of());
        launcher.userNamespaces = welcome.message().status() == 1;
        return launcher;
    }

    /** Makes a sandbox that has joined the cgroups behind these files. */
    public Parked prepare(List<Fd> cgroupFiles) throws IOException {
        Answer answer = request(LauncherMessage.PREPARE, 0, cgroupFiles);
        return new Parked(
                answer.message().slot(),
                answer.message().pid(),
                new NetlinkSocket(answer.fds().getFirst()),
                new SlotControl(new SeqpacketSocket(answer.fds().getLast()), ANSWER_SECONDS));
    }

    /** Whether root of a container is an unprivileged user on the host; else the kernel cannot. */
    public boolean hasUserNamespaces() {
        return userNamespaces;
    }

    /**
     * Sends a signal to a sandbox's init, which passes it to the command; SIGKILL ends them all.
     */
    public void signal(int slot, int signal) throws IOException {
        socket.send(
                LauncherMessage.request(LauncherMessage.SIGNAL, 0, slot, signal).toBytes(),
                List.of());
    }

    /** Kills every sandbox and ends the launcher; false when that was not done in time. */
    public boolean shutdown(long seconds) throws IOException {
        socket.send(
                LauncherMessage.request(LauncherMessage.SHUTDOWN, 0, 0, 0).toBytes(), List.of());
        try {
            ended.get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Completes when the connection is over, whoever ended it. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    private Answer request(int type, int slot, List<Fd> fds) throws IOException {
        long tag = lastTag.incrementAndGet();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        waiting.put(tag, answer);
        try {
            if (ended.isDone()) {
                throw new IOException("the launcher is gone");
            }
            socket.send(LauncherMessage.request(type, tag, slot, 0).toBytes(), fds);
            Answer got = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (got.message().type() == LauncherMessage.FAILED) {
                throw new LauncherFailure(
                        StartStep.of(got.message().step()), got.message().error());
            }
            return got;
        } catch (TimeoutException e) {
            throw new IOException("the launcher did not answer within " + ANSWER_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("the launcher is gone", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the launcher", e);
        } finally {
            waiting.remove(tag);
        }
    }

    private void read() {
        try {
            while (true) {
                SeqpacketSocket.Received got = socket.receive(LauncherMessage.BYTES);
                if (got.message().length == 0) {
                    end(new IOException("the launcher closed the connection"));
                    return;
                }
                dispatch(LauncherMessage.parse(got.message()), got.fds());
            }
        } catch (IOException | IllegalStateException e) {
            end(e);
        }
    }

    private void dispatch(LauncherMessage message, List<Fd> fds) {
        if (message.type() == LauncherMessage.EXITED) {
            onExit.accept(new Exit(message.slot(), message.status()));
            return;
        }
        CompletableFuture<Answer> asked = waiting.get(message.tag());
        if (asked == null || !asked.complete(new Answer(message, fds))) {
            fds.forEach(Fd::close);
        }
    }

    private void end(Exception why) {
        ended.complete(null);
        waiting.values().forEach(w -> w.completeExceptionally(why));
    }

    /** Leaves the launcher and its sandboxes running. */
    @Override
    public void close() {
        socket.close();
    }
}
