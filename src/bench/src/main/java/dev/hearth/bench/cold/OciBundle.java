package dev.hearth.bench.cold;

import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An OCI runtime bundle whose root filesystem is one static binary, {@code /server}. */
record OciBundle(Path directory) {
    /** The mounts are those of {@code runc spec}; the network is the host's. */
    private static final String CONFIG =
            """
            {"ociVersion": "1.0.2",
             "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "cwd": "/",
               "args": ["/server"], "env": ["PATH=/", "PORT=@PORT@"], "noNewPrivileges": true},
             "root": {"path": "rootfs", "readonly": false},
             "hostname": "bench",
             "mounts": [
               {"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
               {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
               {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
                "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]}],
             "linux": {"namespaces": [
               {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}]}}
            """;

    static OciBundle make(Path directory, Path binary) {
        try {
            Path rootfs = Files.createDirectories(directory.resolve("rootfs"));
            for (String mountPoint : new String[] {"proc", "dev", "sys", "tmp"}) {
                Files.createDirectories(rootfs.resolve(mountPoint));
            }
            Path server = Files.copy(binary, rootfs.resolve("server"));
            if (!server.toFile().setExecutable(true)) {
                throw new IOException(server + " cannot be made executable");
            }
            return new OciBundle(directory);
        } catch (IOException e) {
            throw new BenchFailure("making an OCI bundle of " + binary + " failed: " + e, e);
        }
    }

    void setPort(int port) {
        try {
            Files.writeString(
                    directory.resolve("config.json"),
                    CONFIG.replace("@PORT@", Integer.toString(port)));
        } catch (IOException e) {
            throw new BenchFailure("writing the bundle's config.json failed: " + e, e);
        }
    }
}
