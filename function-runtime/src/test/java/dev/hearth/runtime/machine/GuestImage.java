package dev.hearth.runtime.machine;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The initial root filesystem of the virtual machine: busybox, nft, a small JVM, our classes. */
final class GuestImage {
    private static final Pattern LIBRARY = Pattern.compile("\\s(/lib\\S*\\.so\\S*) \\(0x");

    /** Jars of the class path that the node agent needs without its messaging and CDI. */
    private static final List<String> JARS =
            List.of("jnr-", "jffi", "asm", "jboss-logging", "jspecify", "jackson", "hearth-");

    /** Moves off the initial root, which pivot_root(2) refuses, then runs the checks. */
    private static final String INIT =
            """
            #!/bin/busybox sh
            export PATH=/bin:/sbin:/usr/sbin
            /bin/busybox --install -s /bin
            if [ $# = 0 ]; then
                mount --bind / /mnt
                cd /mnt
                mount --move . /
                exec chroot . /init moved
            fi
            mount -t proc proc /proc
            mount -t sysfs sysfs /sys
            mount -t devtmpfs dev /dev
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            ip link set lo up
            modprobe overlay
            modprobe veth
            modprobe nf_tables
            /jre/bin/java -Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m \\
                --enable-native-access=ALL-UNNAMED -cp "$(cat /app/class.path)" MAIN 2>&1
            poweroff -f
            """;

    private GuestImage() {}

    /** Writes it to {@code file}; {@code scratch} is an empty directory for its making. */
    static void write(Path file, Path scratch, DebianKernel kernel, Class<?> main)
            throws IOException {
        for (String directory :
                List.of("bin", "sbin", "usr/sbin", "proc", "sys", "dev", "tmp", "mnt", "app")) {
            Files.createDirectories(scratch.resolve(directory));
        }
        copy(Path.of("/bin/busybox"), scratch.resolve("bin/busybox"));
        Files.createSymbolicLink(scratch.resolve("sbin/modprobe"), Path.of("../bin/busybox"));
        copy(Path.of("/usr/sbin/nft"), scratch.resolve("usr/sbin/nft"));
        copyTree(javaRuntime(), scratch.resolve("jre"));
        copyLibraries(scratch);
        copyTree(kernel.modules(), scratch.resolve("lib/modules/" + kernel.version()));
        Programs.run(scratch, "busybox", "depmod", "-b", scratch.toString(), kernel.version());
        copyClasses(scratch.resolve("app"), main);
        Path init = scratch.resolve("init");
        Files.writeString(init, INIT.replace("MAIN", main.getName()));
        Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
        Programs.run(scratch, "sh", "-c", "find . | busybox cpio -o -H newc > '" + file + "' 2>&-");
    }

    /** Made by jlink of the JDK that runs the tests. */
    private static Path javaRuntime() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        return TestCache.directory(
                "jre-" + System.getProperty("java.vendor.version") + Runtime.version(),
                directory ->
                        Programs.run(
                                Path.of("/"),
                                home.resolve("bin/jlink").toString(),
                                "--add-modules=java.base,java.logging,jdk.unsupported",
                                "--strip-debug",
                                "--no-header-files",
                                "--no-man-pages",
                                "--generate-cds-archive",
                                "--output=" + directory));
    }

    private static void copyLibraries(Path root) throws IOException {
        String linked =
                Programs.run(
                        root, "sh", "-c", "ldd usr/sbin/nft jre/bin/java; ldd jre/lib/*.so; true");
        Matcher library = LIBRARY.matcher(linked + jvmLibraries(root));
        while (library.find()) {
            Path from = Path.of(library.group(1));
            Path to = root.resolve(library.group(1).substring(1));
            if (!Files.exists(to)) {
                Files.createDirectories(to.getParent());
                copy(from.toRealPath(), to);
            }
        }
    }

    private static String jvmLibraries(Path root) {
        return Programs.run(root, "ldd", "jre/lib/server/libjvm.so");
    }

    private static void copyClasses(Path app, Class<?> main) throws IOException {
        List<String> classPath = new ArrayList<>();
        Path tests;
        try {
            tests = Path.of(main.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            String name = path.getFileName().toString();
            boolean wanted =
                    Files.isDirectory(path)
                            || path.equals(tests)
                            || JARS.stream().anyMatch(name::startsWith);
            if (wanted && Files.exists(path)) {
                String inside = classPath.size() + "-" + name;
                copyTree(path, app.resolve(inside));
                classPath.add("/app/" + inside);
            }
        }
        Files.writeString(app.resolve("class.path"), String.join(":", classPath));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) throws IOException {
                        Files.createDirectories(to.resolve(from.relativize(directory).toString()));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        copy(file, to.resolve(from.relativize(file).toString()));
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
