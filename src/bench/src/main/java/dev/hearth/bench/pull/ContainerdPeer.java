package dev.hearth.bench.pull;

import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * {@code ctr image pull}: a containerd of the bench's own for each pull, with an empty store. Like
 * Hearth it runs before the clock starts and has pulled another image; its memory is what it and
 * {@code ctr} have beyond what it had before.
 */
record ContainerdPeer(Clock clock) implements Peer {
    private static final Duration START = Duration.ofSeconds(20);
    private static final String CONFIG =
            """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "%1$s/socket"
            """;

    @Override
    public String name() {
        return "ctr image pull";
    }

    @Override
    public Pulled pull(PullImages images, Path store) throws InterruptedException {
        try {
            Path config = Files.writeString(store.resolve("config"), CONFIG.formatted(store));
            Process daemon =
                    new ProcessBuilder("containerd", "--config", config.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(store.resolve("log").toFile())
                            .start();
            try {
                awaitAnswer(store, daemon);
                ctr(store, images.reference(PullImages.OTHER));
                return measured(store, daemon, images.reference(PullImages.BIG));
            } finally {
                daemon.destroy();
                daemon.waitFor();
            }
        } catch (IOException e) {
            throw new BenchFailure("containerd cannot be run: " + e, e);
        }
    }

    private Pulled measured(Path store, Process daemon, String reference)
            throws InterruptedException {
        Tools.run("sync");
        long before = PeakMemory.now(daemon.pid());
        try (PeakMemory peak = new PeakMemory(daemon.pid())) {
            PeakMemory[] client = new PeakMemory[1];
            long begun = clock.nanos();
            Tools.run(
                    command(store, reference),
                    store,
                    process -> client[0] = new PeakMemory(process.pid()));
            long nanos = clock.nanos() - begun;
            try (PeakMemory ctr = client[0]) {
                return new Pulled(nanos, peak.most() - before + ctr.most());
            }
        }
    }

    private static void ctr(Path store, String reference) throws InterruptedException {
        Tools.run(command(store, reference), store, process -> {});
    }

    private static List<String> command(Path store, String reference) {
        return List.of(
                "ctr",
                "--address",
                store.resolve("socket").toString(),
                "image",
                "pull",
                "--plain-http",
                reference);
    }

    private void awaitAnswer(Path store, Process daemon) throws IOException, InterruptedException {
        long begun = clock.nanos();
        while (true) {
            try {
                Tools.run("ctr", "--address", store.resolve("socket").toString(), "version");
                return;
            } catch (BenchFailure notYet) {
                if (!daemon.isAlive() || clock.nanos() - begun > START.toNanos()) {
                    throw new BenchFailure(
                            "containerd does not start: " + Files.readString(store.resolve("log")),
                            notYet);
                }
                Thread.sleep(Duration.ofMillis(50));
            }
        }
    }
}
