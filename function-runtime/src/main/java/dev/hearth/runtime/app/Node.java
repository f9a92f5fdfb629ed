package dev.hearth.runtime.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.imagecache.ImageStore;
import dev.hearth.runtime.cgroup.CgroupHost;
import dev.hearth.runtime.cgroup.Swap;
import dev.hearth.runtime.instance.Evictions;
import dev.hearth.runtime.instance.Instances;
import dev.hearth.runtime.instance.Launches;
import dev.hearth.runtime.launcher.LauncherProcess;
import dev.hearth.runtime.launcher.LauncherSupervisor;
import dev.hearth.runtime.log.InstanceLogs;
import dev.hearth.runtime.net.InstanceNetwork;
import dev.hearth.runtime.net.Resolvers;
import dev.hearth.runtime.note.InstanceNote;
import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.pressure.MemoryWatch;
import dev.hearth.runtime.rootfs.LaunchPlans;
import dev.hearth.runtime.seccomp.SeccompRules;
import dev.hearth.runtime.slot.LoadedSlots;
import dev.hearth.runtime.slot.QuietTime;
import dev.hearth.runtime.slot.SlotMaker;
import dev.hearth.runtime.slot.SlotPool;
import dev.hearth.runtime.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Everything a running node agent holds, made in order and taken down in the reverse order. */
final class Node implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Node.class);
    private static final int STOP_SECONDS = 15;

    /** The boost of an instance that started ends then at the latest, and its note is safe. */
    private static final Duration SETTLE_WITHIN = Duration.ofMillis(300);

    private final CgroupHost cgroups;
    private final InstanceNetwork network;
    private final LauncherSupervisor launcher;
    private final SlotMaker maker;
    private final QuietTime quiet;
    private final SlotPool slots;
    private final LoadedSlots loaded;
    private final Instances instances;
    private final Tasks tasks;
    private final InstanceLogs logs;
    private final ExecutorService threads;
    private final Thread logTrimmer;
    private final Evictions evictions;
    private final Thread memoryWatcher;
    private volatile boolean closing;

    private Node(
            CgroupHost cgroups,
            InstanceNetwork network,
            LauncherSupervisor launcher,
            SlotMaker maker,
            QuietTime quiet,
            SlotPool slots,
            LoadedSlots loaded,
            Instances instances,
            Tasks tasks,
            InstanceLogs logs,
            Evictions evictions,
            ExecutorService threads) {
        this.evictions = evictions;
        this.cgroups = cgroups;
        this.network = network;
        this.launcher = launcher;
        this.maker = maker;
        this.quiet = quiet;
        this.slots = slots;
        this.loaded = loaded;
        this.instances = instances;
        this.tasks = tasks;
        this.logs = logs;
        this.threads = threads;
        this.logTrimmer = Thread.ofVirtual().name("log-trimmer").start(this::trimLogs);
        this.memoryWatcher = Thread.ofVirtual().name("memory-watcher").start(this::watchMemory);
    }

    /**
     * @param proc where proc(5) is mounted
     * @param onShortage told of idle instances that should be stopped for want of memory
     * @param onTaskEnd told of attempts at tasks that are over
     */
    static Node start(
            NodeSettings settings,
            ImageStore images,
            Path proc,
            Clock clock,
            ExecutorService threads,
            Consumer<InstanceExit> onExit,
            Consumer<InstanceId> onShortage,
            Consumer<RevisionName> onTaskEnd)
            throws IOException {
        if (!Host.isRoot()) {
            throw new HearthException(
                    ErrorKind.INVALID,
                    "not-root",
                    "running containers needs root; start it with sudo");
        }
        Path run = Files.createDirectories(settings.data().resolve("run"));
        String platform = PlatformId.of(settings.data());
        CgroupHost cgroups =
                CgroupHost.detect(
                        Files.readAllLines(Path.of("/proc/self/mountinfo")), "hearth-" + platform);
        CompletableFuture<Instances> made = new CompletableFuture<>();
        LauncherSupervisor launcher =
                new LauncherSupervisor(
                        new LauncherProcess(
                                run,
                                settings.layers(),
                                SeccompRules.load(settings.seccompProfile())),
                        threads,
                        exit -> made.thenAccept(i -> i.exited(exit)));
        Adoption adoption = new Adoption(launcher, launcher.open(InstanceNote.MOST_BYTES));
        Resolvers resolvers = resolvers(settings);
        InstanceNetwork network =
                InstanceNetwork.open(platform, resolvers, adoption.links(), clock);
        List<Adoption.Running> running = adoption.settle(cgroups, network);
        SlotMaker maker =
                new SlotMaker(
                        cgroups,
                        launcher,
                        network,
                        settings.limits().processes(),
                        new SecureRandom()::nextLong,
                        running.stream().map(r -> r.note().cgroup()).toList());
        QuietTime quiet = new QuietTime(clock);
        SlotPool slots = new SlotPool(maker, settings.slots(), quiet, clock);
        LaunchPlans plans = new LaunchPlans(images, resolvers);
        InstanceLogs logs =
                new InstanceLogs(settings.data().resolve("logs/services"), settings.logBytes());
        LoadedSlots loaded =
                new LoadedSlots(slots, maker, plans, logs, settings.loadedSlots(), quiet, clock);
        CompletableFuture<Tasks> knowsTasks = new CompletableFuture<>();
        Instances instances =
                new Instances(
                        launcher,
                        maker,
                        slots,
                        loaded,
                        new Launches(slots, loaded, maker, plans, logs, quiet, clock),
                        logs,
                        settings.limits(),
                        clock,
                        onExit,
                        exit -> knowsTasks.thenAccept(t -> t.ended(exit)));
        Tasks tasks =
                Tasks.open(
                        settings.data().resolve("tasks"),
                        instances,
                        Host.memoryBytes(),
                        Host::freeMemoryBytes,
                        clock,
                        onTaskEnd);
        knowsTasks.complete(tasks);
        for (Adoption.Running r : running) {
            instances.adopt(r.note(), r.slot());
        }
        for (Adoption.Ended e : adoption.ended()) {
            tasks.ended(e.note().revision().name(), Instances.causeOf(e.exit()));
        }
        images.running(instances::images);
        made.complete(instances);
        tasks.settle();
        slots.open();
        loaded.open();
        LOG.infof(
                "node agent ready: cgroup v%d, %s, %d slots kept ready, %d instances adopted; idle"
                        + " ones are %s",
                cgroups.version(),
                launcher.hasUserNamespaces()
                        ? "user namespaces"
                        : "no user namespaces (see launcher.log): root of a container is the host's"
                                + " root without its privileges",
                settings.slots(),
                running.size(),
                restsAs());
        return new Node(
                cgroups,
                network,
                launcher,
                maker,
                quiet,
                slots,
                loaded,
                instances,
                tasks,
                logs,
                new Evictions(instances, new MemoryWatch(proc, clock), onShortage, clock),
                threads);
    }

    /**
     * See RuntimePort.start. A start that fell together with the launcher's death is tried once
     * more: nobody has seen anything of the first one.
     */
    StartedInstance start(RevisionSpec revision, SecretValues secrets) {
        int losses = launcher.losses();
        try {
            return instances.start(revision, secrets);
        } catch (HearthException e) {
            if (launcher.losses() == losses) {
                throw e;
            }
            LOG.infof("starting %s again, since the launcher died meanwhile", revision.name());
            return instances.start(revision, secrets);
        }
    }

    /**
     * What is left to be done when a start was answered, in a quiet moment; its slot is made again,
     * too. None of it at once: the thread that the answer has woken may be waiting for this CPU.
     *
     * @param answeredNanos when it was answered, by the clock
     */
    void afterStart(InstanceId instance, long answeredNanos)
            throws IOException, InterruptedException {
        try {
            quiet.await(answeredNanos, SETTLE_WITHIN);
            instances.settle(instance);
        } finally {
            slots.refill();
        }
    }

    private static Resolvers resolvers(NodeSettings settings) throws IOException {
        Resolvers resolvers = Resolvers.find(settings.dns());
        if (resolvers.servers().isEmpty()) {
            LOG.warn(
                    "the host names no name server that instances could reach, so they resolve no"
                            + " names; name one with `hearth up --dns IP`");
        }
        return resolvers;
    }

    private static String restsAs() {
        return Swap.freeBytes() > 0
                ? "paged out to swap at the deepest"
                : "frozen at the deepest, since there is no swap";
    }

    /** See RuntimePort.forget. */
    void forget(RevisionName revision) throws IOException {
        loaded.forget(revision);
    }

    Instances instances() {
        return instances;
    }

    Tasks tasks() {
        return tasks;
    }

    int freeSlots() {
        return slots.free();
    }

    InstanceLogs logs() {
        return logs;
    }

    private void trimLogs() {
        try {
            while (!closing) {
                Thread.sleep(1000);
                trimLogsOnce();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** A second in which it fails is made up for by the next. */
    private void trimLogsOnce() {
        try {
            logs.trim(instances.services());
        } catch (IOException e) {
            LOG.warnf("bounding the instances' logs failed: %s", e.getMessage());
        }
    }

    private void watchMemory() {
        try {
            while (!closing) {
                Thread.sleep(1000);
                evictions.look();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops every instance, then the launcher, then frees network and cgroups. */
    @Override
    public void close() {
        closing = true;
        logTrimmer.interrupt();
        memoryWatcher.interrupt();
        slots.close();
        quiet.close();
        loaded.close();
        maker.close();
        CompletableFuture<?>[] stops =
                instances.ids().stream().map(this::stopping).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(stops).orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join();
        } catch (java.util.concurrent.CompletionException slow) {
            LOG.warnf(
                    "not every instance stopped in time, killing the rest: %s", slow.getMessage());
        }
        endLauncher();
        tidyUp("the unused slots", slots::drain);
        tidyUp("the loaded slots", loaded::drain);
        tidyUp("the control groups", () -> Leftovers.remove(cgroups, Set.of()));
        tidyUp("their parent", cgroups::removeParent);
        tidyUp("the network", network::close);
    }

    private interface Tidying {
        void run() throws IOException;
    }

    /** What one step leaves behind must not keep the next from doing its part. */
    private static void tidyUp(String what, Tidying step) {
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("taking the node agent down left %s behind: %s", what, e.getMessage());
        }
    }

    private void endLauncher() {
        try {
            launcher.shutdown(STOP_SECONDS);
        } catch (IOException noneWorks) {
            LOG.warnf("ending what is left without a launcher: %s", noneWorks.getMessage());
        }
    }

    private CompletableFuture<Void> stopping(InstanceId id) {
        return CompletableFuture.runAsync(
                () -> instances.stop(id, StopReason.PLATFORM_STOPPING), threads);
    }
}
