package dev.hearth.runtime.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.imagecache.ImageStore;
import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.serve.NodeCondition;
import dev.hearth.runtime.task.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The node agent as the other rooms see it. What blocks runs on virtual threads; but starts, which
 * wait in system calls of our own that would hold a virtual thread's carrier, have platform
 * threads.
 */
public final class NodeAgent implements RuntimePort, NodeCondition, Room {
    private static final Logger LOG = Logger.getLogger(NodeAgent.class);
    private static final int MOST_STARTS = 4096;

    private final NodeSettings settings;
    private final ImageStore images;
    private final Path proc;
    private final Clock clock;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual()
                            .name("runtime-", 0)
                            .uncaughtExceptionHandler(NodeAgent::failed)
                            .factory());

    /** As many at most as the launcher keeps slots; idle ones end. */
    private final ExecutorService starts =
            new ThreadPoolExecutor(
                    0,
                    MOST_STARTS,
                    60,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    NodeAgent::startThread);

    /** One at a time, so that what starts leave to be done takes little from those under way. */
    private final ExecutorService settling =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("after-start").factory());

    /** One at a time: freezing waits for the kernel, and paging keeps it busy. */
    private final ExecutorService resting =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("freezer").factory());

    private final CopyOnWriteArrayList<Consumer<InstanceExit>> listeners =
            new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Consumer<InstanceId>> shortageListeners =
            new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Consumer<RevisionName>> taskListeners =
            new CopyOnWriteArrayList<>();
    private volatile @Nullable Node node;

    public NodeAgent(NodeSettings settings, ImageStore images, Clock clock) {
        this(settings, images, Path.of("/proc"), clock);
    }

    /**
     * @param proc where proc(5) is mounted
     */
    NodeAgent(NodeSettings settings, ImageStore images, Path proc, Clock clock) {
        this.proc = proc;
        this.settings = settings;
        this.images = images;
        this.clock = clock;
    }

    private static Thread startThread(Runnable work) {
        return Thread.ofPlatform()
                .daemon()
                .name("start")
                .unstarted(
                        () -> {
                            Host.sleepExactly();
                            work.run();
                        });
    }

    private static void failed(Thread thread, Throwable failure) {
        LOG.error("the node agent failed in the background", failure);
    }

    @Override
    public Step step() {
        return Step.RUNTIME;
    }

    @Override
    public void start() {
        try {
            node =
                    Node.start(
                            settings,
                            images,
                            proc,
                            clock,
                            threads,
                            this::tellListeners,
                            this::tellOfShortage,
                            attempt -> taskListeners.forEach(l -> l.accept(attempt)));
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "runtime-not-started",
                    "starting the node agent failed: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void stop() {
        Node running = node;
        node = null;
        if (running != null) {
            running.close();
        }
        starts.shutdown();
        settling.shutdownNow();
        resting.shutdownNow();
        threads.shutdown();
    }

    private void tellOfShortage(InstanceId instance) {
        LOG.infof("memory is short: idle instance %s is asked for", instance);
        shortageListeners.forEach(l -> l.accept(instance));
    }

    private void tellListeners(InstanceExit exit) {
        boolean wanted =
                exit.cause() instanceof ExitCause.Stopped stopped
                        && stopped.reason() != StopReason.UNHEALTHY;
        if (!wanted) {
            LOG.warnf("instance %s of %s %s", exit.id(), exit.revision(), exit.cause().words());
        }
        listeners.forEach(l -> l.accept(exit));
    }

    private Node node() {
        Node running = node;
        if (running == null) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "platform-stopping",
                    "the platform is starting or stopping; try again in a moment");
        }
        return running;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        return start(revision, SecretValues.NONE);
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision, SecretValues secrets) {
        CompletableFuture<StartedInstance> answer = new CompletableFuture<>();
        try {
            starts.execute(() -> start(revision, secrets, answer));
        } catch (RejectedExecutionException tooManyOrStopping) {
            answer.completeExceptionally(
                    new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "too-many-starts",
                            "this node is starting as many instances as it can, or is stopping; try"
                                    + " again in a moment"));
        }
        return answer;
    }

    private void start(
            RevisionSpec revision,
            SecretValues secrets,
            CompletableFuture<StartedInstance> answer) {
        try {
            Node running = node();
            StartedInstance started = running.start(revision, secrets);
            answer.complete(started);
            long answered = clock.nanos();
            settling.execute(() -> afterStart(running, started.id(), answered));
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private static void afterStart(Node running, InstanceId instance, long answered) {
        try {
            running.afterStart(instance, answered);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("after the start of instance %s: %s", instance, e.getMessage());
        }
    }

    private static void writeCpu(Node running, InstanceId instance) {
        try {
            running.instances().setCpu(instance);
        } catch (IOException e) {
            LOG.warnf("CPU quota of instance %s: %s", instance, e.getMessage());
        }
    }

    @Override
    public CompletionStage<Void> stop(InstanceId instance, StopReason reason) {
        return CompletableFuture.runAsync(() -> node().instances().stop(instance, reason), threads);
    }

    @Override
    public void setCpu(InstanceId instance, Cpu quota, boolean idle) {
        Node running = node;
        if (running != null) {
            for (InstanceId changed : running.instances().wantCpu(instance, quota, idle)) {
                threads.execute(() -> writeCpu(running, changed));
            }
        }
    }

    @Override
    public void freeze(InstanceId instance, Warmth warmth) {
        Node running = node;
        if (running != null && running.instances().wantWarmth(instance, warmth)) {
            resting.execute(() -> applyWarmth(running, instance));
        }
    }

    /** One that could not be frozen runs on, which is no harm but its CPU. */
    private static void applyWarmth(Node running, InstanceId instance) {
        try {
            running.instances().applyWarmth(instance);
        } catch (IOException e) {
            LOG.warnf("instance %s is not frozen: %s", instance, e.getMessage());
        }
    }

    @Override
    public CompletionStage<Void> thaw(InstanceId instance) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Node running = node;
        if (running == null || !running.instances().wantWarmth(instance, Warmth.IDLE)) {
            done.complete(null);
            return done;
        }
        try {
            starts.execute(() -> thaw(running, instance, done));
        } catch (RejectedExecutionException tooManyOrStopping) {
            done.completeExceptionally(notThawed(instance, tooManyOrStopping));
        }
        return done;
    }

    private static void thaw(Node running, InstanceId instance, CompletableFuture<Void> done) {
        try {
            running.instances().applyWarmth(instance);
            done.complete(null);
        } catch (IOException | RuntimeException e) {
            done.completeExceptionally(notThawed(instance, e));
        }
    }

    private static HearthException notThawed(InstanceId instance, Exception why) {
        return new HearthException(
                ErrorKind.INTERNAL,
                "thaw-failed",
                "thawing instance " + instance + " failed: " + why.getMessage(),
                why);
    }

    @Override
    public void forget(RevisionName revision) {
        Node running = node;
        if (running != null) {
            threads.execute(() -> forget(running, revision));
        }
    }

    private static void forget(Node running, RevisionName revision) {
        try {
            running.forget(revision);
        } catch (IOException e) {
            LOG.warnf("letting go of what was loaded for %s: %s", revision, e.getMessage());
        }
    }

    @Override
    public List<InstanceView> instances() {
        Node running = node;
        return running == null ? List.of() : running.instances().views();
    }

    /** What its instances did since the last call; reads the kernel's files. */
    List<InstanceReport> reports() {
        Node running = node;
        return running == null ? List.of() : running.instances().reports();
    }

    @Override
    public long memoryBytes() {
        return Host.memoryBytes();
    }

    @Override
    public long freeMemoryBytes() {
        return Host.freeMemoryBytes();
    }

    @Override
    public int freeSlots() {
        Node running = node;
        return running == null ? 0 : running.freeSlots();
    }

    @Override
    public int cpuMillis() {
        return node().instances().cpuMillis();
    }

    @Override
    public int freeCpuMillis() {
        return node().instances().freeCpuMillis();
    }

    @Override
    public void onExit(Consumer<InstanceExit> listener) {
        listeners.add(listener);
    }

    // ---- tasks, for TaskAgent

    /** Runs what starts a container; UNAVAILABLE when there are too many, or it is stopping. */
    CompletionStage<Void> starting(Consumer<Tasks> work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            starts.execute(
                    () -> {
                        try {
                            work.accept(node().tasks());
                            done.complete(null);
                        } catch (RuntimeException e) {
                            done.completeExceptionally(e);
                        }
                    });
        } catch (RejectedExecutionException tooManyOrStopping) {
            done.completeExceptionally(
                    new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "too-many-starts",
                            "this node is starting as many instances as it can, or is stopping; try"
                                    + " again in a moment"));
        }
        return done;
    }

    /** Does what may block. */
    <T> CompletionStage<T> withTasks(Function<Tasks, T> work) {
        return CompletableFuture.supplyAsync(() -> work.apply(node().tasks()), threads);
    }

    /** Whether a task has room now; false while the node is not up. */
    boolean hasRoom(RevisionSpec attempt) {
        Node running = node;
        return running != null && running.tasks().hasRoom(attempt.resources());
    }

    void onTaskEnd(Consumer<RevisionName> listener) {
        taskListeners.add(listener);
    }

    @Override
    public void onShortage(Consumer<InstanceId> listener) {
        shortageListeners.add(listener);
    }

    @Override
    public LogPage logs(ServiceName service, String cursor, int most) {
        try {
            return node().logs().page(service, cursor, most);
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "log-unreadable",
                    "reading the log of " + service + " failed: " + e.getMessage(),
                    e);
        }
    }
}
