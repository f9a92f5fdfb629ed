package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.runtime.posix.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Version 2: one tree (kernel documentation, admin-guide/cgroup-v2). */
public final class CgroupV2 implements CgroupHost {
    private final Path parent;

    private CgroupV2(Path parent) {
        this.parent = parent;
    }

    /** Makes our parent below the root, with the controllers on for its children. */
    static CgroupV2 on(Path root, String name) throws IOException {
        UnifiedControllers.enable(root);
        Path parent = root.resolve(name);
        Files.createDirectories(parent);
        UnifiedControllers.enable(parent);
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
            return List.of(directory);
        }

        @Override
        public void limit(DataSize memory, int processes) throws IOException {
            write("memory.max", Long.toString(memory.bytes()));
            writeIfThere("memory.swap.max", "0"); // absent without swap accounting
            write("memory.oom.group", "1");
            write("pids.max", Integer.toString(processes));
        }

        @Override
        public void setCpu(Optional<Cpu> quota, Cpu share) throws IOException {
            CpuBandwidth cpu = CpuBandwidth.of(quota, share);
            // The kernel refuses a quota below the burst in force, so that goes first.
            boolean bursts = writeIfThere("cpu.max.burst", "0");
            String micros = cpu.quotaMicros() < 0 ? "max" : Long.toString(cpu.quotaMicros());
            write("cpu.max", micros + " " + PERIOD_MICROS);
            if (bursts && cpu.burstMicros() > 0) {
                write("cpu.max.burst", Long.toString(cpu.burstMicros()));
            }
            write("cpu.weight", Long.toString(cpu.weight()));
        }

        @Override
        public CpuStatistics cpuStatistics() {
            Path file = directory.resolve("cpu.stat");
            return new CpuStatistics(
                    ControlFile.keyed(file, "usage_usec"),
                    ControlFile.keyed(file, "nr_periods"),
                    ControlFile.keyed(file, "nr_throttled"),
                    ControlFile.keyed(file, "throttled_usec"));
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
        public boolean canFreeze() {
            return Files.exists(directory.resolve("cgroup.freeze")); // Linux 5.2
        }

        @Override
        public boolean freeze(BooleanSupplier wanted) throws IOException {
            write("cgroup.freeze", "1");
            return Freezing.await(this, this::isFrozen, wanted, directory.toString());
        }

        @Override
        public boolean isFrozen() {
            return ControlFile.keyed(directory.resolve("cgroup.events"), "frozen") == 1;
        }

        @Override
        public void thaw() throws IOException {
            writeIfThere("cgroup.freeze", "0");
        }

        /** Swap is opened for this only: a running instance's memory limit bounds all it has. */
        @Override
        public boolean pageOut(long bytes) throws IOException {
            Path reclaim = directory.resolve("memory.reclaim"); // Linux 5.19
            return Files.exists(reclaim)
                    && writeIfThere("memory.swap.max", "max")
                    && ControlFile.writeUnless(Errno.EAGAIN, reclaim, Long.toString(bytes));
        }

        @Override
        public void endPaging() throws IOException {
            writeIfThere("memory.swap.max", "0");
        }

        @Override
        public void kill() throws IOException {
            if (writeIfThere("cgroup.kill", "1")) { // Linux 5.14; kills frozen ones too
                Killing.awaitEmpty(this);
            } else {
                Killing.oneByOne(this);
            }
        }

        @Override
        public void remove() throws IOException {
            ControlFile.remove(directory);
        }

        private void write(String file, String value) throws IOException {
            ControlFile.write(directory.resolve(file), value);
        }

        private boolean writeIfThere(String file, String value) throws IOException {
            return ControlFile.writeIfThere(directory.resolve(file), value);
        }
    }
}
