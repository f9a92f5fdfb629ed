package dev.hearth.runtime.machine;

import static dev.hearth.runtime.machine.GuestNode.CGROUPS;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.Warmth;
import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import dev.hearth.runtime.cgroup.Swap;
import dev.hearth.runtime.launcher.LauncherFailure;
import dev.hearth.runtime.launcher.LauncherProcess;
import dev.hearth.runtime.launcher.LauncherSupervisor;
import dev.hearth.runtime.launcher.StartStep;
import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.seccomp.SeccompRules;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is checked inside the virtual machine, one check after the other, on one node. Numbers of
 * time are loose: an emulated processor is some twenty times slower than this machine's.
 */
final class CgroupV2Checks {
    /** One check; it throws when what it looks at is not so. */
    interface Check {
        void run() throws Exception;
    }

    private final GuestNode node;
    private @Nullable StartedInstance spinner;

    CgroupV2Checks(GuestNode node) {
        this.node = node;
    }

    Map<String, Check> all() {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("detect_debianKernel_isVersion2", this::version);
        checks.put("clone_groupWithoutRoom_failsInTheCloneItself", this::cloneIntoFullGroup);
        checks.put("start_server_isInItsGroupAndServes", this::serve);
        checks.put("setCpu_spinningProcess_isThrottledToIt", this::throttle);
        checks.put("setCpu_anyQuota_setsBurstAndWeight", this::burst);
        checks.put("freeze_spinningProcess_usesNoCpuUntilThawed", this::freeze);
        checks.put("freeze_instance_standsUntilItsThaw_andServes", this::ladder);
        checks.put("page_withoutSwap_isFrozenAndNoMore", this::noSwap);
        checks.put("page_withZram_memoryIsInSwap_andComesBackAtTheThaw", this::page);
        checks.put("kill_frozenInstance_itsEndIsToldAtOnce", this::killFrozen);
        checks.put("kill_manyProcesses_noneIsLeft", this::kill);
        checks.put("run_overItsMemory_isReportedAsOutOfMemoryWithItsPeak", this::outOfMemory);
        checks.put("run_forkBomb_endsAtTheLimitOfProcesses", this::forkBomb);
        checks.put("devices_unlistedNode_failsWithEperm", this::unlistedDevice);
        checks.put("devices_listedNodes_work", this::listedDevices);
        checks.put("view_ofTheContainer_isItsOwnGroupReadOnly", this::view);
        checks.put("stop_everything_leavesNothing", this::leaveNothing);
        return checks;
    }

    private static void require(boolean fine, String otherwise) {
        if (!fine) {
            throw new AssertionError(otherwise);
        }
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            require(System.nanoTime() - deadline < 0, "not within 30 s: " + what);
            Thread.sleep(5);
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    private void version() throws IOException {
        require(GuestNode.host(GuestNode.parent().getFileName().toString()).version() == 2, "v1");
    }

    /** Moving a process into a full group is allowed; cloning one into it is not. */
    private void cloneIntoFullGroup() throws Exception {
        CgroupHost host = GuestNode.host("hearth-check");
        Cgroup group = host.create("full");
        Path directory = group.joinFiles().getFirst();
        Files.writeString(directory.resolve("pids.max"), "0");
        Path run = Files.createDirectories(Path.of("/run/check"));
        LauncherSupervisor launcher =
                new LauncherSupervisor(
                        new LauncherProcess(run, Path.of("/data/layers"), SeccompRules.load("")),
                        Runnable::run,
                        exit -> {});
        launcher.open(1);
        try (Fd fd = Fd.openForReading(directory)) {
            launcher.prepare(List.of(fd));
            throw new AssertionError("a sandbox was made in a group of at most 0 processes");
        } catch (LauncherFailure e) {
            require(e.step() == StartStep.CLONE && e.errno() == Errno.EAGAIN, e.toString());
        } finally {
            launcher.shutdown(10);
            group.remove();
            host.removeParent();
        }
    }

    private void serve() throws Exception {
        spinner = node.run("spinner", "64Mi", "(while :; do :; done) &");
        String group = read(Path.of("/proc/" + node.view(spinner).pid() + "/cgroup"));
        require(group.matches("0::/hearth-[0-9a-f]+/s\\d+"), "its init is in " + group);
        ask(spinner);
    }

    private static void ask(StartedInstance server) throws IOException {
        try (Socket socket = new Socket(server.host(), server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            require(answer.contains("404"), "it answered " + answer);
        }
    }

    private StartedInstance spinner() {
        StartedInstance running = spinner;
        if (running == null) {
            throw new AssertionError("the spinning instance was not started");
        }
        return running;
    }

    private void throttle() throws Exception {
        Cgroup group = node.group(spinner());
        node.setCpu(spinner(), new Cpu(100));
        Path max = node.directory(spinner()).resolve("cpu.max");
        until("cpu.max is 10000", () -> read10ms(max));
        long throttledBefore = group.cpuStatistics().throttledPeriods();
        long usedBefore = group.cpuStatistics().usedMicros();
        long begun = System.nanoTime();
        until(
                "10 more throttled periods",
                () -> group.cpuStatistics().throttledPeriods() >= throttledBefore + 10);
        long used = group.cpuStatistics().usedMicros() - usedBefore;
        long passed = (System.nanoTime() - begun) / 1000;
        // 10 % and one burst is what it may use; an unbounded spin would use all of one CPU
        require(used < passed / 2, "it used %d of %d microseconds".formatted(used, passed));
        require(group.cpuStatistics().throttledMicros() > 0, "no throttled time");
    }

    private static boolean read10ms(Path max) {
        try {
            return read(max).equals("10000 100000");
        } catch (IOException e) {
            return false;
        }
    }

    private void burst() throws Exception {
        Cgroup group = node.group(spinner());
        Path directory = node.directory(spinner());
        for (int millis : List.of(100, 1500, 50)) { // up, and down below the burst in force
            group.setCpu(Optional.of(new Cpu(millis)), new Cpu(millis));
            String burst = read(directory.resolve("cpu.max.burst"));
            require(burst.equals(Integer.toString(millis * 100)), "burst is " + burst);
            String weight = read(directory.resolve("cpu.weight"));
            require(weight.equals(Integer.toString(millis / 10)), "weight is " + weight);
        }
        group.setCpu(Optional.empty(), new Cpu(1000));
        require(read(directory.resolve("cpu.max")).startsWith("max "), "still bounded");
    }

    private void freeze() throws Exception {
        Cgroup group = node.group(spinner());
        group.freeze();
        long used = group.cpuStatistics().usedMicros();
        Thread.sleep(300); // what does not happen cannot be waited for
        require(group.cpuStatistics().usedMicros() == used, "it ran while frozen");
        group.thaw();
        until("it runs again", () -> group.cpuStatistics().usedMicros() > used);
    }

    private void ladder() throws Exception {
        node.rest(spinner(), Warmth.FROZEN);
        until("it is frozen", () -> node.view(spinner()).state().equals("frozen"));
        long used = node.group(spinner()).cpuStatistics().usedMicros();
        Thread.sleep(300); // what does not happen cannot be waited for
        require(node.group(spinner()).cpuStatistics().usedMicros() == used, "it ran while frozen");
        long begun = System.nanoTime();
        node.wake(spinner());
        System.out.printf("thaw, emulated: %.3f ms%n", (System.nanoTime() - begun) / 1e6);
        require(node.view(spinner()).state().equals("ready"), node.view(spinner()).state());
        ask(spinner());
    }

    private void noSwap() throws Exception {
        require(Swap.freeBytes() == 0, "there is swap already");
        node.rest(spinner(), Warmth.PAGED);
        until("it is frozen", () -> node.view(spinner()).state().equals("frozen"));
        node.wake(spinner());
    }

    /** 8 MiB that an instance has written go to compressed memory. */
    private void page() throws Exception {
        node.rest(spinner(), Warmth.FROZEN); // it would take the one CPU there is
        node.swapOn();
        StartedInstance holder =
                node.run(
                        "holder",
                        "64Mi",
                        "(busybox dd if=/dev/zero of=/www/held bs=1M count=8; echo has;"
                                + " while sleep 1; do busybox wc -c < /www/held; done) &");
        until("it has its memory", () -> node.log("holder").contains("has"));
        long before = node.group(holder).memoryInUse();
        node.rest(holder, Warmth.PAGED);
        until("it is paged", () -> node.view(holder).state().equals("paged"));
        Path swapped = node.directory(holder).resolve("memory.swap.current");
        until("8 MiB are in swap", () -> number(swapped) >= 8 << 20);
        require(node.group(holder).memoryInUse() < before / 2, "still in memory");
        node.wake(holder);
        ask(holder);
        String limit = read(node.directory(holder).resolve("memory.swap.max"));
        require(limit.equals("0"), "swap is open while it runs: " + limit);
        until("it counts on", () -> node.log("holder").contains("8388608"));
        node.stop(holder);
        node.swapOff();
        node.wake(spinner());
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(read(file));
        } catch (IOException e) {
            return 0;
        }
    }

    private void killFrozen() throws Exception {
        StartedInstance victim = node.run("victim", "64Mi", "");
        node.rest(victim, Warmth.FROZEN);
        until("it is frozen", () -> node.view(victim).state().equals("frozen"));
        ProcessHandle.of(node.view(victim).pid()).orElseThrow().destroyForcibly();
        ExitCause cause = node.exit(victim.id()).cause();
        require(cause.equals(new ExitCause.Killed(9)), cause.words());
    }

    private void kill() throws Exception {
        Cgroup group = node.group(spinner());
        Path directory = node.directory(spinner());
        require(Files.exists(directory.resolve("cgroup.kill")), "this kernel has no cgroup.kill");
        require(group.processes().size() >= 3, "too few processes: " + group.processes());
        group.kill();
        require(group.processes().isEmpty(), "left: " + group.processes());
        InstanceExit exit = node.exit(spinner().id());
        require(exit.cause().equals(new ExitCause.Killed(9)), exit.cause().words());
    }

    private void outOfMemory() throws Exception {
        StartedInstance eater =
                node.run(
                        "eater",
                        "32Mi",
                        "(sleep 1; exec busybox awk 'BEGIN{s=\"x\"; while(1) s=s s}') &");
        // Only the eater is over the bound, but a container without one of its processes is broken:
        // memory.oom.group ends them all.
        ExitCause cause = node.exit(eater.id()).cause();
        require(cause instanceof ExitCause.OutOfMemory, cause.words());
        if (cause instanceof ExitCause.OutOfMemory oom) {
            require(oom.limitBytes() == 32 << 20, "limit " + oom.limitBytes());
            require(
                    oom.peakBytes() > 16 << 20 && oom.peakBytes() <= 33 << 20,
                    "peak " + oom.peakBytes());
        }
    }

    private void forkBomb() throws Exception {
        StartedInstance bomb =
                node.run(
                        "bomb",
                        "64Mi",
                        "(i=0; while [ $i -lt 100 ]; do sleep 60 & i=$((i+1)); done) &");
        until("fork fails", () -> node.log("bomb").contains("fork"));
        long events =
                Files.readAllLines(node.directory(bomb).resolve("pids.events")).stream()
                        .filter(l -> l.startsWith("max "))
                        .mapToLong(l -> Long.parseLong(l.substring(4)))
                        .sum();
        require(events > 0, "pids.events counted no refused fork");
        require(node.group(bomb).processes().size() <= 64, "more processes than allowed");
        node.stop(bomb);
    }

    /** Runs a command as root of the machine, but in a parked sandbox's group. */
    private static String inParkedGroup(String command) throws Exception {
        try (Stream<Path> groups = Files.list(GuestNode.parent())) {
            Path group = groups.filter(Files::isDirectory).findFirst().orElseThrow();
            Process process =
                    new ProcessBuilder(
                                    "/bin/sh",
                                    "-c",
                                    "echo 0 > " + group.resolve("cgroup.procs") + "; " + command)
                            .redirectErrorStream(true)
                            .start();
            process.getOutputStream().close();
            return new String(process.getInputStream().readAllBytes()).strip();
        }
    }

    private void unlistedDevice() throws Exception {
        Process mknod = new ProcessBuilder("mknod", "/tmp/console", "c", "5", "1").start();
        require(mknod.waitFor() == 0, "mknod failed");
        Process outside = new ProcessBuilder("/bin/sh", "-c", ": < /tmp/console").start();
        require(outside.waitFor() == 0, "outside of the group it cannot be opened either");
        String said = inParkedGroup(": < /tmp/console && echo opened");
        require(said.contains("Operation not permitted"), "in the group: " + said);
        String made = inParkedGroup("mknod /tmp/loop b 7 0 && echo made");
        require(made.contains("Operation not permitted"), "mknod in the group: " + made);
    }

    private void listedDevices() throws Exception {
        StartedInstance user =
                node.run(
                        "devices",
                        "64Mi",
                        "for d in null zero full random urandom; do (: < /dev/$d) && echo $d-works; done;"
                                + " echo x > /dev/null && echo written;"
                                + " (: < /dev/pts/0; : < /dev/tty) 3<>/dev/ptmx; : 3<>/dev/ptmx && echo ptmx-works;");
        String log = node.log("devices");
        for (String word : List.of("null", "zero", "full", "random", "urandom", "ptmx")) {
            require(log.contains(word + "-works"), log);
        }
        // A locked pseudo-terminal and a missing controlling one are refused with other words.
        require(log.contains("written") && !log.contains("not permitted"), log);
        node.stop(user);
    }

    private void view() {
        StartedInstance looker =
                node.run(
                        "looker",
                        "64Mi",
                        "cat /proc/self/cgroup; cat /sys/fs/cgroup/memory.max;"
                                + " echo 1 > /sys/fs/cgroup/memory.max || echo not-written;"
                                + " busybox mkdir /sys/fs/cgroup/mine || echo not-made;");
        String log = node.log("looker");
        require(log.contains("0::/\n"), log);
        require(log.contains("67108864"), log);
        require(log.contains("not-written") && log.contains("not-made"), log);
        node.stop(looker);
    }

    private void leaveNothing() throws Exception {
        node.close();
        try (Stream<Path> groups = Files.walk(CGROUPS, 2);
                Stream<Path> links = Files.list(Path.of("/sys/class/net"));
                Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            List<Path> left =
                    Stream.concat(groups, links)
                            .filter(
                                    p ->
                                            p.getFileName()
                                                    .toString()
                                                    .matches("hearth-.*|h[0-9a-f]{6}-.*"))
                            .toList();
            require(left.isEmpty(), "left: " + left);
            List<String> running =
                    processes
                            .flatMap(p -> p.info().command().stream())
                            .filter(c -> c.contains("hearth") || c.contains("httpd"))
                            .toList();
            require(running.isEmpty(), "running: " + running);
        }
        require(!read(Path.of("/proc/self/mountinfo")).contains("hearth"), "a mount is left");
    }
}
