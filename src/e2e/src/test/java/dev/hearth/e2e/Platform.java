package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import dev.hearth.testing.Ports;
import dev.hearth.testing.SampleImages;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The platform as a user runs it: the {@code hearth} script, a data directory and ports of its own.
 * What a test starts it also stops, and {@link #leftovers} says what stayed.
 */
final class Platform implements AutoCloseable {
    static final Path ROOT =
            Path.of(System.getProperty("hearth.root", "../..")).toAbsolutePath().normalize();
    private static final Duration UP = Duration.ofSeconds(180);

    /**
     * Few, since every test class starts a platform; bursts beyond them are tested all the same.
     */
    private static final String SLOTS = "24";

    /** The reference of {@code hello-c}, which most tests deploy. */
    static final String HELLO = image("hello-c");

    /** The script starts nothing that takes longer; a rehearsal takes one to two minutes. */
    private static final int SECONDS = 300;

    static {
        // what the starts and calls of a whole run gain is more than a short rehearsal takes
        if (System.getenv("CI") != null) {
            rehearse();
        }
    }

    final Path data;
    final int httpPort = Ports.free();
    final int adminPort = Ports.free();
    private final List<String> prefix;
    private final List<String> options;
    private Process process;
    private Path output;

    /** What a command printed, and its exit code. */
    record Result(int code, String out, String err) {
        String lastLine() {
            List<String> lines = out.strip().lines().toList();
            return lines.isEmpty() ? "" : lines.getLast();
        }
    }

    /** With a data directory of its own, which {@link #close} deletes. */
    Platform(String... options) throws IOException {
        this(List.of(), options);
    }

    /** The same, with every command run by another one: in a network namespace, say. */
    Platform(List<String> prefix, String... options) throws IOException {
        this.prefix = prefix;
        this.data = Files.createTempDirectory("hearth-e2e-");
        this.options = List.of(options);
    }

    /** The reference of a sample image, which is built when nobody has asked for it before. */
    static String image(String sample) {
        return "oci:" + SampleImages.layout(ROOT, sample);
    }

    /** {@code hearth up}; returns the milliseconds until it printed ready. */
    long up() throws Exception {
        output = Files.createTempFile("hearth-up", ".log");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                // what was begun in the background of a script ignores Ctrl-C
                                "env",
                                "--default-signal=INT",
                                ROOT.resolve("hearth").toString(),
                                "up",
                                "--data",
                                data.toString(),
                                "--http-port",
                                Integer.toString(httpPort),
                                "--admin-port",
                                Integer.toString(adminPort)));
        command.addAll(options);
        long begun = System.nanoTime();
        process =
                builder(prefixed(command))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        Eventually.until(
                "ready is printed",
                UP,
                () -> printed().contains("ready http") || !process.isAlive());
        assertThat(printed()).contains("ready http");
        return (System.nanoTime() - begun) / 1_000_000;
    }

    /** Of its JVM, which the script becomes. */
    long pid() {
        return process.pid();
    }

    String printed() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A command of the CLI against this platform. */
    Result hearth(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("hearth").toString()));
        command.addAll(List.of(words));
        command.addAll(
                List.of("--data", data.toString(), "--admin-port", Integer.toString(adminPort)));
        return run(prefixed(command));
    }

    /** The same, which has to succeed. */
    Result succeed(String... words) throws Exception {
        Result result = hearth(words);
        assertThat(result.code()).as(String.join(" ", words) + ": " + result.err()).isZero();
        return result;
    }

    /** Deploys the sample {@code hello-c}, or redeploys it. */
    Result deploy(String service, String... more) throws Exception {
        return deployImage(service, HELLO, more);
    }

    Result deployImage(String service, String image, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("deploy", service, "--image", image));
        words.addAll(List.of(more));
        return succeed(words.toArray(String[]::new));
    }

    private List<String> prefixed(List<String> command) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(command);
        return all;
    }

    /** The script must not build: the build that runs this test has just done so. */
    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HEARTH_NO_BUILD", "1");
        builder.environment().put("HEARTH_RUNTIME_SLOTS", SLOTS);
        builder.environment().put("HEARTH_USAGE_INTERVAL", "1s"); // nobody waits ten here
        return builder;
    }

    private static void rehearse() {
        try {
            Result result =
                    run(List.of(ROOT.resolve("hearth").toString(), "rehearse", "5", "2000", "2"));
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.err()).doesNotContain("that failed");
        } catch (Exception e) {
            throw new IllegalStateException("the rehearsal failed", e);
        }
    }

    static Result run(List<String> command) throws Exception {
        Path out = Files.createTempFile("hearth", ".out");
        Path err = Files.createTempFile("hearth", ".err");
        try {
            Process p =
                    builder(command)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            if (!p.waitFor(SECONDS, TimeUnit.SECONDS)) {
                p.destroyForcibly();
                throw new AssertionError(command + " did not end within " + SECONDS + " s");
            }
            return new Result(p.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** A call of the admin API with its token; the connection is not kept, since many are polls. */
    RequestSpecification admin() {
        return RestAssured.given()
                .header("Authorization", "Bearer " + token())
                .header("Connection", "close")
                .baseUri("http://127.0.0.1")
                .port(adminPort)
                .basePath("/api/v1");
    }

    /** A request through the gateway; the service's host name goes into the Host header. */
    Response get(String service, String path) {
        return RestAssured.given()
                .header("Host", service + ".localhost:" + httpPort)
                .urlEncodingEnabled(false)
                .get("http://127.0.0.1:" + httpPort + path);
    }

    /** Instances of a service now. */
    int instances(String service) {
        return instancesOf(service).size();
    }

    /** The same, each as the admin API tells it. */
    List<Map<String, Object>> instancesOf(String service) {
        return admin().queryParam("service", service).get("/instances").jsonPath().getList("$");
    }

    /** Those that run for this platform; one, in peace. */
    List<Long> launchers() {
        String socket = data.resolve("run/launcher.sock").toString();
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(Path.of("/proc/" + pid)).contains(socket))
                .toList();
    }

    /**
     * Waits until the launcher has a note of each instance, by which another JVM would find it: it
     * gets them in a quiet moment, see Node.afterStart.
     */
    void awaitNotes() throws InterruptedException {
        Eventually.until(
                "the launcher has a note of each instance",
                Duration.ofSeconds(30),
                () -> notes() == admin().get("/instances").jsonPath().getList("$").size());
    }

    private long notes() {
        Path files = Path.of("/proc/" + launchers().getFirst() + "/fd");
        try (Stream<Path> all = Files.list(files)) {
            return all.filter(file -> target(file).contains("hearth-note")).count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    /** The names of what is deployed now. */
    List<String> services() {
        return admin().get("/services").jsonPath().getList("name");
    }

    /** The admin API's. */
    String token() {
        return secret("admin-token");
    }

    /** What images are pushed with. */
    String registryToken() {
        return secret("registry-token");
    }

    String secret(String file) {
        try {
            return Files.readString(data.resolve(file)).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Ctrl-C, as a terminal sends it. */
    void interrupt() throws Exception {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("stops after Ctrl-C").isTrue();
    }

    /** What nobody can catch. */
    void killHard() throws Exception {
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** What there is to see of a platform that does not answer: its log, threads and processes. */
    String state() {
        try {
            return String.join(
                    "\n",
                    printed(),
                    run(List.of("tail", "-n", "40", data + "/logs/hearth.log")).out(),
                    run(List.of("ps", "-eLo", "pid,ppid,stat,wchan:24,pcpu,comm")).out(),
                    run(List.of("jcmd", Long.toString(pid()), "Thread.print")).out());
        } catch (Exception e) {
            return "its state cannot be told: " + e;
        }
    }

    /** Processes, mounts, cgroups, links and rules on this machine that belong to this platform. */
    List<String> leftovers() throws Exception {
        List<String> found = new ArrayList<>();
        String id = platformId();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path p : all.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
                String line = commandLine(p);
                if (line.contains(data.toString())) {
                    found.add("process " + p.getFileName() + " " + line);
                }
            }
        }
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(m -> m.contains(data.toString()))
                .forEach(m -> found.add("mount " + m));
        try (Stream<Path> groups = Files.walk(Path.of("/sys/fs/cgroup"), 2);
                Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
            groups.filter(g -> g.toString().contains("hearth-" + id))
                    .forEach(g -> found.add("cgroup " + g));
            links.filter(l -> l.getFileName().toString().startsWith("h" + id + "-"))
                    .forEach(l -> found.add("link " + l));
        }
        String rules = run(prefixed(List.of("nft", "list", "tables"))).out();
        if (rules.contains("hearth_" + id)) {
            found.add("nft table hearth_" + id);
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }

    private String platformId() throws Exception {
        byte[] hash =
                java.security.MessageDigest.getInstance("SHA-256")
                        .digest(data.toRealPath().toString().getBytes(StandardCharsets.UTF_8));
        return java.util.HexFormat.of().formatHex(hash, 0, 3);
    }

    @Override
    public void close() throws Exception {
        if (process != null && process.isAlive()) {
            interrupt();
        }
        List<String> left = leftovers();
        run(List.of("rm", "-rf", data.toString()));
        Files.deleteIfExists(output);
        assertThat(left).as("left behind").isEmpty();
    }
}
