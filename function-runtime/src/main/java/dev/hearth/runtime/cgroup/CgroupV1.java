package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Version 1: one directory per hierarchy (kernel documentation, admin-guide/cgroup-v1). */
public final class CgroupV1 implements CgroupHost {
    private static final List<String> CONTROLLERS =
            List.of("cpu", "cpuacct", "memory", "pids", "freezer");

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
                throw new IOException("the cgroup controller " + needed + " is not mounted");
            }
        }
        return new CgroupV1(parents);
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Cgroup create(String name) throws IOException {
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
            ControlFile.write(memory.resolve("memory.limit_in_bytes"), limit);
            Path withSwap = memory.resolve("memory.memsw.limit_in_bytes");
            if (Files.exists(withSwap)) { // absent where the kernel does not account swap
                ControlFile.write(withSwap, limit);
            }
            ControlFile.write(pids.resolve("pids.max"), Integer.toString(processes));
        }

        @Override
        public void setCpu(Optional<Cpu> quota) throws IOException {
            long micros = quota.map(q -> q.millis() * (PERIOD_MICROS / 1000L)).orElse(-1L);
            ControlFile.write(cpu.resolve("cpu.cfs_quota_us"), Long.toString(micros));
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
        public void remove() throws IOException {
            for (Path directory : directories()) {
                ControlFile.remove(directory);
            }
        }
    }
}
