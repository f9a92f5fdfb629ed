package dev.hearth.runtime.net;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The host's switch {@code net.ipv4.ip_forward}, without which nothing passes from an instance to
 * another interface. It belongs to the whole machine: whoever finds it off notes that, each
 * platform that needs it on leaves a file of its own, and the last to go turns it off again. The
 * notes live in {@code /run}, which a reboot clears together with the switch, and outlive a
 * platform that was killed, as its instances do.
 */
final class Forwarding {
    private static final Object IN_THIS_PROCESS = new Object();
    private static final String FOUND_OFF = ".found-off";

    private final Path knob;
    private final Path notes;
    private final String platform;

    /**
     * @param knob the file in {@code /proc/sys}
     * @param notes directory of the notes, of this network namespace alone
     */
    Forwarding(Path knob, Path notes, String platform) {
        this.knob = knob;
        this.notes = notes;
        this.platform = platform;
    }

    static Forwarding ofThisNamespace(String platform) throws IOException {
        String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        return new Forwarding(
                Path.of("/proc/sys/net/ipv4/ip_forward"),
                Path.of("/run/hearth/forward-" + namespace.replaceAll("\\D", "")),
                platform);
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    /** Whether an earlier run of this platform needed it and did not get to say otherwise. */
    boolean isNeeded() {
        return Files.exists(notes.resolve(platform));
    }

    /**
     * Notes that this platform needs it on, before it is: the rules that the answer asks for come
     * first.
     *
     * @return whether it is, or will be, on only because of Hearth
     */
    boolean need() throws IOException {
        return alone(
                () -> {
                    if (!isOn()) {
                        touch(notes.resolve(FOUND_OFF));
                    }
                    touch(notes.resolve(platform));
                    return Files.exists(notes.resolve(FOUND_OFF));
                });
    }

    /** True when that changed it. */
    boolean turnOn() throws IOException {
        return alone(
                () -> {
                    if (isOn()) {
                        return false;
                    }
                    Files.writeString(knob, "1");
                    return true;
                });
    }

    /** This platform no longer needs it. */
    void release() throws IOException {
        alone(
                () -> {
                    Files.deleteIfExists(notes.resolve(platform));
                    if (Files.exists(notes.resolve(FOUND_OFF)) && nobodyElse()) {
                        if (isOn()) {
                            Files.writeString(knob, "0");
                        }
                        Files.delete(notes.resolve(FOUND_OFF));
                    }
                    if (nobodyElse()) {
                        Files.deleteIfExists(notes);
                    }
                    return true;
                });
    }

    private boolean nobodyElse() throws IOException {
        try (Stream<Path> all = Files.list(notes)) {
            return all.allMatch(note -> note.endsWith(FOUND_OFF));
        }
    }

    private boolean isOn() throws IOException {
        return Sysctl.read(knob) != 0;
    }

    private static void touch(Path note) throws IOException {
        if (!Files.exists(note)) {
            Files.createFile(note);
        }
    }

    /** A file lock keeps other processes out; it is the process's, so threads need another. */
    private <T> T alone(Step<T> step) throws IOException {
        synchronized (IN_THIS_PROCESS) {
            Path parent = Files.createDirectories(notes).resolveSibling("forward.lock");
            try (FileChannel lock =
                            FileChannel.open(
                                    parent, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                return step.run();
            }
        }
    }
}
