package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.NetlinkSocket;
import dev.hearth.runtime.posix.PidFd;
import dev.hearth.runtime.posix.SeqpacketSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection to the resident launcher. Requests may come from any thread and block until
 * answered; one thread of its own reads answers and exits.
 */
public final class Launcher implements AutoCloseable {
    /** A parked sandbox takes milliseconds; this long only on a machine that is going under. */
    private static final int ANSWER_SECONDS = 20;

    private static final int SIGKILL = 9;

    private final SeqpacketSocket socket;
    private final Events events;
    private final ConcurrentHashMap<Long, CompletableFuture<Answer>> waiting =
            new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> endTold = new CompletableFuture<>();
    private final AtomicLong lastTag = new AtomicLong();
    private volatile boolean userNamespaces;

    /** What {@link #list} has got so far; the reading thread's. */
    private final List<Found> listed = new ArrayList<>();

    /** The same for {@link #ends}. */
    private final List<Ended> listedEnds = new ArrayList<>();

    /** What was told by the last list, until it is asked for. */
    private final List<Ended> ends = new ArrayList<>(); // guarded by itself

    private record Answer(LauncherMessage message, List<Fd> fds, List<Found> found) {}

    /**
     * What a launcher says unasked, in the order in which it happened; called on the reading
     * thread, which must not be blocked.
     */
    public interface Events {
        /** A slot was made; {@link #exited} tells its end. {@code pidfd} is now the receiver's. */
        void parked(int slot, int pid, PidFd pidfd);

        /** A slot ended. */
        void exited(Exit exit);
    }

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
     * A slot that the launcher has.
     *
     * @param note what a runtime gave it by {@link #note}; the receiver closes it
     */
    public record Found(int slot, int pid, PidFd pidfd, Optional<Fd> note) {}

    /**
     * A slot that ended while no runtime was there to be told.
     *
     * @param note as that of {@link Found}
     */
    public record Ended(Exit exit, Fd note) {}

    /**
     * The end of a sandbox.
     *
     * @param status as wait(2) gives it
     * @param known false when the kernel did not tell the status
     */
    public record Exit(int slot, int status, boolean known) {}

    private Launcher(SeqpacketSocket socket, Events events) {
        this.socket = socket;
        this.events = events;
    }

    /**
     * Connects to the launcher that listens at {@code path}.
     *
     * @param newestSlot a number of another launcher; this one's go on from there
     */
    static Launcher connect(Path path, int newestSlot, Events events) throws IOException {
        Launcher launcher = new Launcher(SeqpacketSocket.connect(path), events);
        Thread.ofPlatform().daemon().name("launcher-reader").start(launcher::read);
        try {
            Answer welcome = launcher.request(LauncherMessage.HELLO, newestSlot, List.of());
            launcher.userNamespaces = welcome.message().status() == 1;
            return launcher;
        } catch (IOException e) {
            launcher.close();
            throw e;
        }
    }

    /** All slots there are. */
    List<Found> list() throws IOException {
        return request(LauncherMessage.LIST, 0, List.of()).found();
    }

    /** The ends that {@link #list} was told of, once. */
    List<Ended> ends() {
        synchronized (ends) {
            List<Ended> all = List.copyOf(ends);
            ends.clear();
            return all;
        }
    }

    /** Gives it a slot that another launcher made, under the same number. */
    void adopt(int slot, int pid, PidFd pidfd, Optional<Fd> note) throws IOException {
        List<Fd> fds = new ArrayList<>(List.of(pidfd.fd()));
        note.ifPresent(fds::add);
        request(LauncherMessage.ADOPT, slot, pid, fds);
    }

    /** Has it keep a note with a slot, in place of an earlier one; an empty one removes it. */
    void note(int slot, Optional<Fd> note) throws IOException {
        socket.send(
                LauncherMessage.request(LauncherMessage.NOTE, 0, slot, 0).toBytes(),
                note.map(List::of).orElse(List.of()));
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

    /**
     * Completes when the connection is over, whoever ended it, and before what was asked and not
     * answered fails.
     */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    private Answer request(int type, int slot, List<Fd> fds) throws IOException {
        return request(type, slot, 0, fds);
    }

    private Answer request(int type, int slot, int pid, List<Fd> fds) throws IOException {
        long tag = lastTag.incrementAndGet();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        waiting.put(tag, answer);
        try {
            if (ended.isDone()) {
                throw new IOException("the launcher is gone");
            }
            send(LauncherMessage.request(type, tag, slot, pid), fds);
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

    /** A launcher that cannot be told anything is gone: the reading thread says so at once. */
    private void send(LauncherMessage message, List<Fd> fds) throws IOException {
        try {
            socket.send(message.toBytes(), fds);
        } catch (IOException e) {
            endTold.copy().completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
            throw e;
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
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    private void dispatch(LauncherMessage message, List<Fd> fds) {
        switch (message.type()) {
            case LauncherMessage.EXITED -> {
                Exit exit =
                        new Exit(message.slot(), message.status(), message.error() != Errno.ESRCH);
                if (fds.isEmpty()) {
                    events.exited(exit);
                } else {
                    listedEnds.add(new Ended(exit, fds.getFirst()));
                }
            }
            case LauncherMessage.SLOT ->
                    listed.add(
                            new Found(
                                    message.slot(),
                                    message.pid(),
                                    new PidFd(fds.getFirst()),
                                    fds.size() > 1 ? Optional.of(fds.get(1)) : Optional.empty()));
            case LauncherMessage.LISTED -> {
                synchronized (ends) {
                    ends.addAll(listedEnds);
                }
                listedEnds.clear();
                answer(message, fds, List.copyOf(listed));
                listed.clear();
            }
            case LauncherMessage.PREPARED -> {
                // told of before whoever asked goes on, and so before any end of it
                PidFd pidfd = new PidFd(fds.getLast());
                events.parked(message.slot(), message.pid(), pidfd);
                if (!answer(message, fds.subList(0, fds.size() - 1), List.of())) {
                    pidfd.signal(SIGKILL); // it was asked for by somebody who no longer waits
                }
            }
            default -> answer(message, fds, List.of());
        }
    }

    /** False when nobody waits for it. */
    private boolean answer(LauncherMessage message, List<Fd> fds, List<Found> found) {
        CompletableFuture<Answer> asked = waiting.get(message.tag());
        if (asked == null || !asked.complete(new Answer(message, fds, found))) {
            fds.forEach(Fd::close);
            return false;
        }
        return true;
    }

    private void end(Exception why) {
        ended.complete(null);
        endTold.complete(null);
        waiting.values().forEach(w -> w.completeExceptionally(why));
    }

    /** Leaves the launcher and its sandboxes running. */
    @Override
    public void close() {
        socket.close();
    }
}
