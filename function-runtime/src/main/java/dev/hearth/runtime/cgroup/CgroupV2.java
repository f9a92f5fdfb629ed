package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Version 2: one tree (kernel documentation, admin-guide/cgroup-v2). */
public final class CgroupV2 implements CgroupHost {
    private static final String CONTROLLERS = "+cpu +memory +pids";

    private final Path parent;

    private CgroupV2(Path parent) {
        this.parent = parent;
    }

    /** Makes our parent below the root, with the controllers on for its children. */
    static CgroupV2 on(Path root, String name) throws IOException {
        Path parent = root.resolve(name);
        Files.createDirectories(parent);
        ControlFile.write(root.resolve("cgroup.subtree_control"), CONTROLLERS);
        ControlFile.write(parent.resolve("cgroup.subtree_control"), CONTROLLERS);
        return new CgroupV2(parent);
    }

    @Override
    public int version() {
        return 2;
    }

    @Override
    public Cgroup create(String name) throws IOException {
        return new Group(Files.createDirectories(parent.resolve(name)));
    }

    @Override
    public List<Cgroup> existing() throws IOException {
        List<Cgroup> found = new ArrayList<>();
        for (String name : ControlFile.childNames(parent)) {
            found.add(new Group(parent.resolve(name)));
        }
        return found;
    }

    @Override
    public void removeParent() throws IOException {
        ControlFile.remove(parent);
    }

    private record Group(Path directory) implements Cgroup {
        @Override
        public String name() {
            return String.valueOf(directory.getFileName());
        }

        @Override
        public List<Path> joinFiles() {
            return List.of(directory.resolve("cgroup.procs"));
        }

        @Override
        public void limit(DataSize memory, int processes) throws IOException {
            ControlFile.write(directory.resolve("memory.max"), Long.toString(memory.bytes()));
            Path swap = directory.resolve("memory.swap.max");
            if (Files.exists(swap)) { // absent where the kernel does not account swap
                ControlFile.write(swap, "0");
            }
            ControlFile.write(directory.resolve("memory.oom.group"), "1");
            ControlFile.write(directory.resolve("pids.max"), Integer.toString(processes));
        }

        @Override
        public void setCpu(Optional<Cpu> quota) throws IOException {
            String micros =
                    quota.map(q -> Long.toString(q.millis() * (PERIOD_MICROS / 1000L)))
                            .orElse("max");
            ControlFile.write(directory.resolve("cpu.max"), micros + " " + PERIOD_MICROS);
        }

        @Override
        public long memoryInUse() {
            return ControlFile.number(directory.resolve("memory.current"));
        }

        @Override
        public long memoryPeak() {
            return ControlFile.number(directory.resolve("memory.peak"));
        }

        @Override
        public long oomKills() {
            return ControlFile.keyed(directory.resolve("memory.events"), "oom_kill");
        }

        @Override
        public List<Integer> processes() {
            return ControlFile.processes(directory);
        }

        @Override
        public void remove() throws IOException {
            ControlFile.remove(directory);
        }
    }
}
