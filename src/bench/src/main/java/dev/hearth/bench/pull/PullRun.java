package dev.hearth.bench.pull;

import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The steps of the image-pull scenario. Everybody pulls once a round, each round in another order,
 * always into an empty store.
 *
 * <p>Stores are deleted at the end only: ext4 goes round inodes that were freed within the last
 * minutes when it makes files, which made everybody's next round slower by up to a half.
 */
public final class PullRun {
    private final List<Path> left = new ArrayList<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final Map<String, List<Pulled>> peers = new LinkedHashMap<>();
    private final List<HearthRound> hearth = new ArrayList<>();
    private final Options options;
    private final Clock clock;
    private int stores;

    private PullRun(Options options, Clock clock) {
        this.options = options;
        this.clock = clock;
    }

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException, InterruptedException {
        PullRun run = new PullRun(options, clock);
        PullReport report;
        try {
            report = run.measure();
        } finally {
            for (Path store : run.left) {
                Tools.remove(store);
            }
        }
        System.out.print(report.text());
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return Bar.exitCode(report.bars());
    }

    private PullReport measure() throws IOException, InterruptedException {
        int rounds = options.number("--rounds", 5, 100);
        int cached = options.number("--cached", 10, 200);
        for (String needed : List.of("docker-registry", "skopeo")) {
            if (!Tools.isInstalled(needed)) {
                throw new BenchFailure(needed + " is missing: apt-get install " + needed);
            }
        }
        Path scratch = Files.createTempDirectory("hearth-pull");
        left.add(scratch);
        Path sources = options.hearth().resolveSibling("src/testing/images/build");
        Path store = Files.createDirectory(scratch.resolve("registry"));
        try (LocalRegistry registry = new LocalRegistry(store, clock)) {
            PullImages images = PullImages.push(sources, registry);
            List<Peer> others = peers();
            round(
                    others, scratch, images, 0,
                    cached); // programs and blobs are in the page cache now
            peers.clear();
            hearth.clear();
            for (int i = 0; i < rounds; i++) {
                round(others, scratch, images, i, cached);
            }
            return new PullReport(MachineFacts.gather(), images.size(), hearth, peers, missing);
        }
    }

    /** Those that are installed. */
    private List<Peer> peers() {
        List<Peer> found = new ArrayList<>();
        add(CommandPeer.podman(clock), found, "podman");
        add(new ContainerdPeer(clock), found, "containerd", "ctr");
        add(CommandPeer.skopeo(clock), found, "skopeo", "umoci");
        return found;
    }

    private void add(Peer peer, List<Peer> to, String... programs) {
        for (String program : programs) {
            if (!Tools.isInstalled(program)) {
                missing.put(peer.name(), program + " is not installed");
                return;
            }
        }
        to.add(peer);
    }

    private void round(List<Peer> others, Path scratch, PullImages images, int turn, int cached)
            throws IOException, InterruptedException {
        List<Peer> order = new ArrayList<>(others);
        Collections.rotate(order, turn);
        if (turn % 2 == 0) {
            hearth(images, turn, cached);
        }
        for (Peer peer : order) {
            // a short name: podman's --runroot may have 50 characters
            Path store = Files.createDirectory(scratch.resolve(Integer.toString(stores++)));
            peers.computeIfAbsent(peer.name(), name -> new ArrayList<>())
                    .add(peer.pull(images, store));
        }
        if (turn % 2 == 1) {
            hearth(images, turn, cached);
        }
    }

    private void hearth(PullImages images, int turn, int cached) throws InterruptedException {
        hearth.add(HearthRound.run(options.hearth(), images, turn, cached, left::add, clock));
    }
}
