package dev.hearth.runtime.machine;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One run of QEMU, in software emulation, which needs no privilege and works in any machine. */
final class VirtualMachine {
    private VirtualMachine() {}

    /** Boots it and returns the lines of its console when it is off, or killed at the deadline. */
    static List<String> run(DebianKernel kernel, Path initrd, Duration deadline)
            throws IOException, InterruptedException {
        Process qemu =
                new ProcessBuilder(
                                "qemu-system-x86_64",
                                "-accel",
                                "tcg",
                                "-cpu",
                                "max",
                                "-smp",
                                "2",
                                "-m",
                                "1024",
                                "-nodefaults",
                                "-no-user-config",
                                "-display",
                                "none",
                                "-no-reboot",
                                "-serial",
                                "stdio",
                                "-kernel",
                                kernel.image().toString(),
                                "-initrd",
                                initrd.toString(),
                                "-append",
                                "console=ttyS0 quiet panic=-1")
                        .redirectErrorStream(true)
                        .start();
        qemu.getOutputStream().close();
        List<String> console = new ArrayList<>();
        CompletableFuture<Void> reader =
                CompletableFuture.runAsync(() -> read(qemu, console), Thread::startVirtualThread);
        try {
            if (!qemu.waitFor(deadline.toSeconds(), TimeUnit.SECONDS)) {
                qemu.destroyForcibly().waitFor();
                reader.join();
                console.add("killed after " + deadline.toSeconds() + " s");
            }
        } finally {
            qemu.destroyForcibly();
        }
        reader.join();
        return console;
    }

    private static void read(Process qemu, List<String> console) {
        try (BufferedReader lines = qemu.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                console.add(line);
            }
        } catch (IOException killed) {
            console.add("console ended: " + killed.getMessage());
        }
    }
}
