package dev.hearth.standalone.data;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.standalone.options.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is checked before anything is started, so that a refusal leaves nothing behind. */
public final class Preflight {
    private Preflight() {}

    /**
     * Checks the operating system, the rights, the data directory and the ports, and takes the data
     * directory.
     *
     * @throws HearthException INVALID or CONFLICT, saying what to change
     */
    public static DataDirectory check(Settings settings) {
        checkMachine(System.getProperty("os.name", ""), isRoot());
        DataDirectory data = DataDirectory.open(settings.data());
        try {
            checkPort(settings.httpPort(), "--http-port", null);
            Settings.Tls tls = settings.tls();
            if (tls != null) {
                checkPort(tls.port(), "--https-port", null);
            }
            checkPort(settings.adminPort(), "--admin-port", InetAddress.getLoopbackAddress());
            return data;
        } catch (HearthException refused) {
            abandon(data, refused);
            throw refused;
        }
    }

    static void checkMachine(String system, boolean root) {
        if (!system.equals("Linux")) {
            throw HearthException.invalid(
                    "wrong-system",
                    "Hearth runs containers with the Linux kernel, and this is "
                            + system
                            + "; start it on a Linux machine");
        }
        if (!root) {
            throw HearthException.invalid(
                    "not-root",
                    "Hearth needs root to make namespaces, mounts and cgroups; run it with sudo");
        }
    }

    /** Whether this process has effective user id 0. */
    public static boolean isRoot() {
        try {
            List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
            return status.stream()
                    .filter(line -> line.startsWith("Uid:"))
                    .anyMatch(line -> line.split("\\s+", 4)[2].equals("0"));
        } catch (IOException noProc) {
            return false;
        }
    }

    static void checkPort(int port, String option, @Nullable InetAddress address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address, port));
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "port-in-use",
                    "port "
                            + port
                            + " cannot be used ("
                            + e.getMessage()
                            + "); stop what listens there, or choose another with "
                            + option);
        }
    }

    private static void abandon(DataDirectory data, HearthException refused) {
        try {
            data.abandon();
        } catch (IOException e) {
            refused.addSuppressed(e);
        }
    }
}
