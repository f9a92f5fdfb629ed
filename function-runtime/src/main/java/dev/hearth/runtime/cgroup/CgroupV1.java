package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.runtime.posix.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Version 1: one directory per hierarchy (kernel documentation, admin-guide/cgroup-v1). */
public final class CgroupV1 implements CgroupHost {
    private static final String DEVICES = "devices";
    private static final List<String> CONTROLLERS =
            List.of("cpu", "cpuacct", "memory", "pids", "freezer", DEVICES);

    /** Our parent directory by controller. */
    private final Map<String, Path> parents;

    private CgroupV1(Map<String, Path> parents) {
        this.parents = parents;
    }

    static CgroupV1 on(List<CgroupMount> mounts, String parent) throws IOException {
        Map<String, Path> parents = new LinkedHashMap<>();
        for (String controller : CONTROLLERS) {
            for (CgroupMount mount : mounts) {
                if (mount.controls(controller)) {
                    parents.put(controller, mount.path().resolve(parent));
                }
            }
        }
        for (String needed : List.of("cpu", "memory", "pids")) {
            if (!parents.containsKey(needed)) {
                throw new IOException(
                        ("the cgroup controller %1$s is not mounted; mount it (mkdir"
                                        + " /sys/fs/cgroup/%1$s; mount -t cgroup -o %1$s cgroup"
                                        + " /sys/fs/cgroup/%1$s) and start again")
                                .formatted(needed));
            }
        }
        return new CgroupV1(parents);
    }

    /**
     * Once, for our parent: a new group starts with a copy of its parent's list, and the kernel
     * takes no "deny all" from a group that has children already. With the first group, not before:
     * a platform that does not get that far leaves nothing behind.
     */
    private synchronized void boundDevices() throws IOException {
        Path parent = parents.get(DEVICES);
        if (parent == null) {
            return;
        }
        Files.createDirectories(parent);
        if (!ControlFile.text(parent.resolve("devices.list")).startsWith("a *:*")) {
            return;
        }
        ControlFile.write(parent.resolve("devices.deny"), "a");
        for (String rule : DeviceRules.ALLOWED) {
            ControlFile.write(parent.resolve("devices.allow"), rule);
        }
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Cgroup create(String name) throws IOException {
        boundDevices();
        Group group = new Group(name);
        for (Path directory : group.directories()) {
            Files.createDirectories(directory);
        }
        return group;
    }

    @Override
    public List<Cgroup> existing() throws IOException {
        List<Cgroup> found = new ArrayList<>();
        for (Path parent : parents.values()) {
            for (String name : ControlFile.childNames(parent)) {
                if (found.stream().noneMatch(g -> ((Group) g).name.equals(name))) {
                    found.add(new Group(name));
                }
            }
        }
        return found;
    }

    @Override
    public void removeParent() throws IOException {
        for (Path parent : parents.values()) {
            ControlFile.remove(parent);
        }
    }

    private final class Group implements Cgroup {
        private final String name;
        private final Path cpu;
        private final Path memory;
        private final Path pids;

        Group(String name) {
            this.name = name;
            this.cpu = in("cpu");
            this.memory = in("memory");
            this.pids = in("pids");
        }

        @Override
        public String name() {
            return name;
        }

        private Path in(String controller) {
            Path parent = parents.get(controller);
            if (parent == null) {
                throw new IllegalStateException(controller);
            }
            return parent.resolve(name);
        }

        /** Each once: several controllers may share a hierarchy. */
        List<Path> directories() {
            return parents.values().stream().map(p -> p.resolve(name)).distinct().toList();
        }

        @Override
        public List<Path> joinFiles() {
            return directories().stream().map(d -> d.resolve("tasks")).toList();
        }

        @Override
        public void limit(DataSize bytes, int processes) throws IOException {
            String limit = Long.toString(bytes.bytes());
            Path withoutSwap = memory.resolve("memory.limit_in_bytes");
            // Absent where the kernel does not account swap.
            Path withSwap = memory.resolve("memory.memsw.limit_in_bytes");
            // Without swap never more than with it, at any moment: else EINVAL
            // (mm/memcontrol-v1.c).
            if (bytes.bytes() > ControlFile.number(withoutSwap)) {
                ControlFile.writeIfThere(withSwap, limit);
                ControlFile.write(withoutSwap, limit);
            } else {
                ControlFile.write(withoutSwap, limit);
                ControlFile.writeIfThere(withSwap, limit);
            }
            ControlFile.write(pids.resolve("pids.max"), Integer.toString(processes));
        }

        @Override
        public void setCpu(Optional<Cpu> quota, Cpu share) throws IOException {
            CpuBandwidth bandwidth = CpuBandwidth.of(quota, share);
            Path burst = cpu.resolve("cpu.cfs_burst_us");
            // The kernel refuses a quota below the burst in force, so that goes first.
            boolean bursts = ControlFile.writeIfThere(burst, "0");
            ControlFile.write(
                    cpu.resolve("cpu.cfs_quota_us"), Long.toString(bandwidth.quotaMicros()));
            if (bursts && bandwidth.burstMicros() > 0) {
                ControlFile.write(burst, Long.toString(bandwidth.burstMicros()));
            }
            ControlFile.write(cpu.resolve("cpu.shares"), Long.toString(bandwidth.shares()));
        }

        @Override
        public CpuStatistics cpuStatistics() {
            Path file = cpu.resolve("cpu.stat");
            Path accounts = parents.get("cpuacct");
            long used =
                    accounts == null
                            ? 0
                            : ControlFile.number(accounts.resolve(name).resolve("cpuacct.usage"));
            return new CpuStatistics(
                    used / 1000,
                    ControlFile.keyed(file, "nr_periods"),
                    ControlFile.keyed(file, "nr_throttled"),
                    ControlFile.keyed(file, "throttled_time") / 1000);
        }

        @Override
        public long memoryInUse() {
            return ControlFile.number(memory.resolve("memory.usage_in_bytes"));
        }

        @Override
        public long memoryPeak() {
            return ControlFile.number(memory.resolve("memory.max_usage_in_bytes"));
        }

        @Override
        public long oomKills() {
            return ControlFile.keyed(memory.resolve("memory.oom_control"), "oom_kill");
        }

        @Override
        public List<Integer> processes() {
            return ControlFile.processes(memory);
        }

        @Override
        public boolean canFreeze() {
            return freezerState().isPresent();
        }

        @Override
        public boolean freeze(BooleanSupplier wanted) throws IOException {
            Path state =
                    freezerState()
                            .orElseThrow(
                                    () ->
                                            new IOException(
                                                    "freezing "
                                                            + name
                                                            + " failed: the cgroup controller"
                                                            + " freezer is not mounted"));
            ControlFile.write(state, "FROZEN");
            // It is the reader who moves FREEZING on to FROZEN (cgroup-v1/freezer-subsystem).
            return Freezing.await(this, this::isFrozen, wanted, "group " + name);
        }

        @Override
        public boolean isFrozen() {
            return freezerState()
                    .map(state -> ControlFile.text(state).strip().equals("FROZEN"))
                    .orElse(false);
        }

        @Override
        public void thaw() throws IOException {
            Optional<Path> state = freezerState();
            if (state.isPresent()) {
                ControlFile.writeIfThere(state.get(), "THAWED");
            }
        }

        private Optional<Path> freezerState() {
            return Optional.ofNullable(parents.get("freezer"))
                    .map(parent -> parent.resolve(name).resolve("freezer.state"));
        }

        /**
         * Version 1 can only be asked to reclaim by lowering the limit below what is in use
         * (memory.force_empty, meant for groups without processes, takes no amount and goes on for
         * as long as there is anything: mm/memcontrol-v1.c); nobody allocates meanwhile, since the
         * group is frozen.
         */
        @Override
        public boolean pageOut(long bytes) throws IOException {
            Path limit = memory.resolve("memory.limit_in_bytes");
            long usual = ControlFile.number(limit);
            long lower = Math.max(0, memoryInUse() - bytes);
            try {
                return ControlFile.writeUnless(Errno.EBUSY, limit, Long.toString(lower));
            } finally {
                ControlFile.write(limit, Long.toString(usual));
            }
        }

        /** The limit of memory and swap together has bounded it all along. */
        @Override
        public void endPaging() {}

        @Override
        public void kill() throws IOException {
            Killing.oneByOne(this);
        }

        @Override
        public void remove() throws IOException {
            for (Path directory : directories()) {
                ControlFile.remove(directory);
            }
        }
    }
}
