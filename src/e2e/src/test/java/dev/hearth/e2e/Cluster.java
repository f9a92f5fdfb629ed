package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import dev.hearth.testing.Ports;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Several machines on one: network namespaces, each with a cable to a bridge; a real PostgreSQL and
 * a real Kafka that all of them reach; and the platform's processes on them, as a cluster runs
 * them.
 */
final class Cluster implements AutoCloseable {
    static final String TOKEN = "e2e-cluster-token-0123456789abcdef0123456789";
    static final String ADMIN_TOKEN = "e2e-admin-token";
    private static final String SECRETS_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    static final int HTTP = 8080;
    static final int ADMIN = 8081;
    private static final int NODE = 8082;
    private static final int RELAY = 8083;
    private static final int NODE_HEALTH = 8084;
    private static final int AUTOSCALER_HEALTH = 8085;
    private static final int PARTITIONS = 4;
    private static final Duration UP = Duration.ofSeconds(90);
    private static final int NAME = ThreadLocalRandom.current().nextInt(0x1000, 0x10000);

    private final String prefix = "hx" + Integer.toHexString(NAME);
    private final String network = "10." + (64 + NAME % 60) + "." + NAME / 60 % 250 + ".";
    private final Path directory = Files.createTempDirectory("hearth-cluster-");
    private final int hosts;
    private final List<Member> members = new ArrayList<>();
    private final int kafkaPort = Ports.free();
    private final int controllerPort = Ports.free();
    private EmbeddedPostgres postgres;
    private Process kafka;
    private String[] postgresCommand = {};

    /** One process of the platform, on one host. */
    final class Member {
        final String kind;
        final int host;
        final Path data;
        private final Path log;
        private Path build = Platform.ROOT;
        private Process process;

        private Member(String kind, int host) {
            this.kind = kind;
            this.host = host;
            this.data = directory.resolve(kind + "-" + host);
            this.log = directory.resolve(kind + "-" + host + ".log");
        }

        String address() {
            return Cluster.this.address(host);
        }

        /** It is started from this checkout from now on. */
        Member of(Path checkout) {
            build = checkout;
            return this;
        }

        /** Starts it, or starts it again; {@link #awaitReady} waits for it. */
        Member start() {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    "nsenter",
                                    "--net=/run/netns/" + namespace(host),
                                    java())); // ip would hide /sys/fs/cgroup
            command.addAll(
                    List.of(
                            "-Xmx160m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseCompactObjectHeaders",
                            "--enable-native-access=ALL-UNNAMED",
                            "--sun-misc-unsafe-memory-access=allow",
                            "-jar",
                            build.resolve(
                                            "src/"
                                                    + kind
                                                    + "-process/target/quarkus-app/quarkus-run.jar")
                                    .toString()));
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment());
            try {
                Files.createDirectories(data);
                process =
                        builder.redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                                .redirectInput(Path.of("/dev/null").toFile())
                                .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        private Map<String, String> environment() {
            Map<String, String> all = new java.util.HashMap<>();
            all.put("HEARTH_DATA", data.toString());
            all.put("HEARTH_CLUSTER_TOKEN", TOKEN);
            all.put("HEARTH_KAFKA", core() + ":" + kafkaPort);
            switch (kind) {
                case "gateway" -> {
                    all.put("HEARTH_GATEWAY_ID", "gateway-" + host);
                    all.put("HEARTH_GATEWAY_PEERS", everywhere(HTTP));
                    all.put("HEARTH_GATEWAY_DRAIN", "5s"); // longer than a busy client takes to ask
                    all.put("HEARTH_GATEWAY_REHEARSALS", "0");
                    all.put("HEARTH_NODES", everywhere(NODE));
                    all.put("HEARTH_ADMIN_TOKEN", ADMIN_TOKEN);
                    all.put("HEARTH_INVOKER_TOKEN", "e2e-invoker-token");
                    all.put("HEARTH_SECRETS_KEY", SECRETS_KEY);
                    all.put("HEARTH_USAGE_INTERVAL", "1s");
                    all.put(
                            "HEARTH_DATABASE_URL",
                            "postgresql://" + core() + ":" + postgres.getPort() + "/postgres");
                    all.put("HEARTH_DATABASE_USER", "postgres");
                }
                case "node" -> {
                    all.put("HEARTH_NODE_NAME", "node-" + host);
                    all.put("HEARTH_NODE_PORT", Integer.toString(NODE));
                    all.put("HEARTH_NODE_RELAY_PORT", Integer.toString(RELAY));
                    all.put("HEARTH_RUNTIME_SLOTS", "4");
                    all.put("HEARTH_NODE_DRAIN", "3s");
                }
                default -> {}
            }
            return all;
        }

        private int healthPort() {
            return switch (kind) {
                case "gateway" -> ADMIN;
                case "node" -> NODE_HEALTH;
                default -> AUTOSCALER_HEALTH;
            };
        }

        Member awaitReady() throws InterruptedException {
            try {
                Eventually.until(kind + " on host " + host + " is ready", UP, this::isReady);
            } catch (AssertionError late) {
                throw new AssertionError(late.getMessage() + "; it said:\n" + log(), late);
            }
            return this;
        }

        boolean isReady() {
            try {
                return RestAssured.given()
                                .header("Connection", "close") // it is asked often
                                .get("http://" + address() + ":" + healthPort() + "/q/health/ready")
                                .statusCode()
                        == 200;
            } catch (Exception notYet) {
                return false;
            }
        }

        /** SIGTERM, as Kubernetes sends it, and the end. */
        void stop() throws Exception {
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(kind + " stops").isTrue();
        }

        /** What nobody can catch. */
        void kill() throws Exception {
            process.destroyForcibly();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }

        String log() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Makes the hosts, and starts PostgreSQL and Kafka. */
    Cluster(int hosts) throws Exception {
        this.hosts = hosts;
        // The bridge has a namespace of its own: where a bridge calls the firewall
        // (net.bridge.bridge-nf-call-iptables), the rules of a platform on this machine would see
        // what the hosts say to each other.
        ip("netns add " + middle());
        ip("-n " + middle() + " link add br0 type bridge");
        ip("-n " + middle() + " link set br0 up");
        ip("link add " + prefix + "r type veth peer name up0 netns " + middle());
        ip("addr add " + core() + "/24 dev " + prefix + "r");
        ip("link set " + prefix + "r up");
        ip("-n " + middle() + " link set up0 master br0");
        ip("-n " + middle() + " link set up0 up");
        for (int i = 1; i <= hosts; i++) {
            ip("netns add " + namespace(i));
            ip(
                    "-n "
                            + middle()
                            + " link add "
                            + cable(i)
                            + " type veth peer name eth0 netns "
                            + namespace(i));
            ip("-n " + middle() + " link set " + cable(i) + " master br0");
            ip("-n " + middle() + " link set " + cable(i) + " up");
            ip("-n " + namespace(i) + " addr add " + address(i) + "/24 dev eth0");
            ip("-n " + namespace(i) + " link set eth0 up");
            ip("-n " + namespace(i) + " link set lo up");
        }
        startPostgres();
        startKafka();
    }

    private void startPostgres() throws Exception {
        Path data = directory.resolve("postgres");
        postgres =
                EmbeddedPostgres.builder()
                        .setDataDirectory(data)
                        .setServerConfig("listen_addresses", "localhost," + core())
                        .start();
        Files.writeString(
                data.resolve("pg_hba.conf"),
                "host all all " + network + "0/24 trust\n",
                StandardOpenOption.APPEND);
        try (Connection c = postgres.getPostgresDatabase().getConnection()) {
            c.createStatement().execute("select pg_reload_conf()");
        }
    }

    void startKafka() throws Exception {
        kafka = ClusterBroker.start(directory, core(), kafkaPort, controllerPort, PARTITIONS);
    }

    void stopKafka() throws Exception {
        kafka.destroyForcibly();
        assertThat(kafka.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** PostgreSQL is gone, with every connection of its. */
    void stopPostgres() throws Exception {
        String main = postgresPid();
        postgresCommand =
                Files.readString(Path.of("/proc/" + main + "/cmdline")).strip().split("\0");
        Platform.run(List.of("kill", "-QUIT", main)); // at once, as for its own tools' "immediate"
        Eventually.until(
                "PostgreSQL ends",
                Duration.ofSeconds(20),
                () -> !Files.exists(Path.of("/proc/" + main)));
    }

    /** Starts PostgreSQL as it was. */
    void resumePostgres() throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "-U")); // it is not to be root
        command.addAll(List.of(postgresCommand));
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("postgres.log").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        Eventually.until("PostgreSQL answers", Duration.ofSeconds(30), this::answersPostgres);
    }

    private boolean answersPostgres() {
        try (Connection c = postgres.getPostgresDatabase().getConnection()) {
            return c.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private String postgresPid() throws IOException {
        return Files.readAllLines(directory.resolve("postgres/postmaster.pid")).getFirst();
    }

    /** Stops PostgreSQL in the middle of everything, or lets it go on. */
    void freezePostgres(boolean frozen) throws Exception {
        String main = postgresPid();
        Platform.run(List.of("pkill", frozen ? "-STOP" : "-CONT", "-P", main)); // its children
        Platform.run(List.of("kill", frozen ? "-STOP" : "-CONT", main));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The namespace of the bridge. */
    private String middle() {
        return prefix + "-b";
    }

    private String cable(int host) {
        return "cable" + host;
    }

    private String namespace(int host) {
        return prefix + "-" + host;
    }

    /** The address of what is not on any of the hosts: this test, PostgreSQL and Kafka. */
    String core() {
        return network + "99";
    }

    private String address(int host) {
        return network + host;
    }

    private String everywhere(int port) {
        List<String> all = new ArrayList<>();
        for (int i = 1; i <= hosts; i++) {
            all.add(address(i) + ":" + port);
        }
        return String.join(",", all);
    }

    private static void ip(String words) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words.split(" ")));
        Platform.Result result = Platform.run(command);
        assertThat(result.code()).as(words + ": " + result.err()).isZero();
    }

    /** A process on a host; not started yet. */
    Member member(String kind, int host) {
        Member member = new Member(kind, host);
        members.add(member);
        return member;
    }

    /** Pulls a host's cable, or plugs it in again. */
    void cable(int host, boolean plugged) throws Exception {
        ip("-n " + middle() + " link set " + cable(host) + (plugged ? " up" : " down"));
    }

    /**
     * A host without power: its cable is silent, and none of its processes runs any more, instances
     * and launcher too. What they wrote is on its disk.
     */
    void cutPower(int host) throws Exception {
        cable(host, false);
        Set<String> marks = new HashSet<>();
        for (Member member : members) {
            if (member.host == host && member.kind.equals("node")) {
                marks.add("/" + groupOf(member.data));
            }
        }
        Object inode = Files.getAttribute(Path.of("/run/netns/" + namespace(host)), "unix:ino");
        String network = "net:[" + inode + "]";
        Eventually.until(
                "none of the processes of host " + host + " runs",
                Duration.ofSeconds(20),
                () -> {
                    List<String> running = running(network, marks);
                    if (!running.isEmpty()) {
                        List<String> kill = new ArrayList<>(List.of("kill", "-KILL"));
                        kill.addAll(running);
                        quietly(kill); // one call, so that they end at one moment
                        marks.forEach(Cluster::thaw);
                    }
                    return running.isEmpty();
                });
        for (Member member : members) {
            if (member.host == host && member.process != null) {
                assertThat(member.process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    /** Plugs a host in again and starts what was on it. */
    void restorePower(int host) throws Exception {
        cable(host, true);
        for (Member member : members) {
            if (member.host == host) {
                member.start();
            }
        }
        for (Member member : members) {
            if (member.host == host) {
                member.awaitReady();
            }
        }
    }

    /** On cgroup v1 what is frozen ends when it is thawed, however it was killed. */
    private static void thaw(String group) {
        try (Stream<Path> all = Files.walk(Path.of("/sys/fs/cgroup/freezer" + group), 2)) {
            for (Path state : all.filter(f -> f.endsWith("freezer.state")).toList()) {
                Files.writeString(state, "THAWED");
            }
        } catch (IOException | UncheckedIOException goneMeanwhile) {
            return; // or cgroup v2, where a kill ends it; whoever waits for the end looks again
        }
    }

    /** The processes in a network, or in a control group that has one of these in its name. */
    private static List<String> running(String network, Set<String> groups) {
        List<String> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(p -> p.toString().matches("/proc/\\d+")).toList()) {
                try {
                    String in = Files.readString(process.resolve("cgroup"));
                    if (Files.readSymbolicLink(process.resolve("ns/net")).toString().equals(network)
                            || groups.stream().anyMatch(in::contains)) {
                        found.add(process.getFileName().toString());
                    }
                } catch (IOException ended) {
                    continue; // while it was looked at
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static void quietly(List<String> command) {
        try {
            Platform.run(command); // what has ended meanwhile is none to kill
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request through a gateway. */
    Response get(Member gateway, String service, String path) {
        return RestAssured.given()
                .header("Host", service + ".localhost:" + HTTP)
                .urlEncodingEnabled(false)
                .get("http://" + gateway.address() + ":" + HTTP + path);
    }

    /** A command of the CLI, by way of a gateway. */
    Platform.Result hearth(Member gateway, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Platform.ROOT.resolve("hearth").toString()));
        command.addAll(List.of(words));
        command.addAll(
                List.of(
                        "--server",
                        "http://" + gateway.address() + ":" + ADMIN,
                        "--token",
                        ADMIN_TOKEN));
        return Platform.run(command);
    }

    /** What a gateway knows of a service's instances. */
    List<Map<String, Object>> instances(Member gateway, String service) {
        return RestAssured.given()
                .header("Authorization", "Bearer " + ADMIN_TOKEN)
                .header("Connection", "close") // a gateway takes 256 connections here
                .get(
                        "http://"
                                + gateway.address()
                                + ":"
                                + ADMIN
                                + "/api/v1/instances?service="
                                + service)
                .jsonPath()
                .getList("$");
    }

    @Override
    public void close() throws Exception {
        for (String kind : List.of("gateway", "autoscaler", "node")) {
            for (Member member : members) {
                if (member.kind.equals(kind) && member.process != null) {
                    member.process.destroy();
                }
            }
            for (Member member : members) {
                if (member.kind.equals(kind) && member.process != null) {
                    if (!member.process.waitFor(45, TimeUnit.SECONDS)) {
                        member.process.destroyForcibly();
                    }
                }
            }
        }
        for (Member member : members) {
            if (member.kind.equals("node")) {
                clearUp(member.data);
            }
        }
        if (kafka != null) {
            kafka.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        if (postgres != null) {
            postgres.close();
        }
        for (int i = 1; i <= hosts; i++) {
            Platform.run(List.of("ip", "netns", "del", namespace(i)));
        }
        Platform.run(List.of("ip", "link", "del", prefix + "r"));
        Platform.run(List.of("ip", "netns", "del", middle()));
        Platform.run(List.of("rm", "-rf", directory.toString()));
    }

    /** What a node leaves behind that was killed and never started again. */
    private static void clearUp(Path data) throws Exception {
        Platform.run(List.of("pkill", "-KILL", "-f", data + "/"));
        String name = groupOf(data);
        Eventually.until(
                "the control groups of " + data + " are gone",
                Duration.ofSeconds(20),
                () -> removed(name));
    }

    /** How a node's control groups are called. */
    private static String groupOf(Path data) throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256")
                        .digest(data.toRealPath().toString().getBytes(StandardCharsets.UTF_8));
        return "hearth-" + HexFormat.of().formatHex(hash, 0, 3);
    }

    private static boolean removed(String name) {
        try (Stream<Path> all = Files.walk(Path.of("/sys/fs/cgroup"), 4)) {
            List<Path> groups =
                    all.filter(g -> g.toString().contains("/" + name))
                            .filter(Files::isDirectory)
                            .sorted(java.util.Comparator.reverseOrder())
                            .toList();
            for (Path group : groups) {
                Platform.run(List.of("rmdir", group.toString()));
            }
            return groups.isEmpty();
        } catch (IOException | UncheckedIOException goneMeanwhile) {
            return false;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
