package dev.hearth.standalone.kafka;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Starts {@link BrokerMain} in a JVM of its own, with this one's Java and class path. */
final class ChildJvm {
    private ChildJvm() {}

    /**
     * The child; its standard input and output are pipes to this process, what it prints to
     * standard error is {@code kafka.log}. It has a session of its own ({@code setsid}), so that a
     * Ctrl-C in the terminal reaches Hearth alone.
     */
    static Process start(BrokerSettings settings, Path logs) throws IOException {
        Files.createDirectories(settings.storage());
        Path log = logs.resolve("kafka.log");
        if (Files.exists(log)) {
            Files.move(log, logs.resolve("kafka.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        return new ProcessBuilder(
                        "setsid",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-Xms48m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Xshare:auto",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-cp",
                        classPath(),
                        BrokerMain.class.getName(),
                        settings.storage().toString(),
                        Integer.toString(settings.port()),
                        Integer.toString(settings.controllerPort()))
                .redirectError(log.toFile())
                .start();
    }

    /**
     * In a Quarkus application this class is in {@code app/}, beside {@code lib/main} and {@code
     * lib/boot}, behind a class loader that a plain JVM does not have; in a test it is on the class
     * path.
     */
    static String classPath() throws IOException {
        URI place = URI.create("file:" + ownPlace());
        Path own = Path.of(place);
        Path library = own.resolveSibling("../lib").normalize();
        if (Files.isRegularFile(own) && Files.isDirectory(library.resolve("main"))) {
            return String.join(
                    File.pathSeparator,
                    List.of(
                            own.toString(),
                            library.resolve("main") + "/*",
                            library.resolve("boot") + "/*"));
        }
        return System.getProperty("java.class.path");
    }

    private static String ownPlace() throws IOException {
        var source = ChildJvm.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            throw new IOException("this program does not know where its own classes are");
        }
        return source.getLocation().getPath();
    }
}
