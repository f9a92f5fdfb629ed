package dev.hearth.bench.pull;

import dev.hearth.bench.machine.Tools;
import dev.hearth.contracts.Clock;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Commands that pull when they are run one after the other.
 *
 * @param commands of an image's reference and an empty directory
 */
record CommandPeer(String name, BiFunction<String, Path, List<List<String>>> commands, Clock clock)
        implements Peer {

    static CommandPeer podman(Clock clock) {
        return new CommandPeer(
                "podman pull",
                (reference, store) ->
                        List.of(
                                List.of(
                                        "podman",
                                        "--root",
                                        store.resolve("root").toString(),
                                        "--runroot",
                                        store.resolve("run").toString(),
                                        "--storage-driver",
                                        "overlay",
                                        "pull",
                                        "--quiet",
                                        "--tls-verify=false",
                                        reference)),
                clock);
    }

    static CommandPeer skopeo(Clock clock) {
        return new CommandPeer(
                "skopeo copy, umoci unpack",
                (reference, store) -> {
                    String layout = store.resolve("layout") + ":latest";
                    return List.of(
                            List.of(
                                    "skopeo",
                                    "copy",
                                    "--quiet",
                                    "--src-tls-verify=false",
                                    "docker://" + reference,
                                    "oci:" + layout),
                            List.of(
                                    "umoci",
                                    "unpack",
                                    "--image",
                                    layout,
                                    store.resolve("bundle").toString()));
                },
                clock);
    }

    @Override
    public Pulled pull(PullImages images, Path store) throws InterruptedException {
        Tools.run("sync");
        long memory = 0;
        long begun = clock.nanos();
        for (List<String> command : commands.apply(images.reference(PullImages.BIG), store)) {
            memory = Math.max(memory, run(command, store));
        }
        return new Pulled(clock.nanos() - begun, memory);
    }

    private static long run(List<String> command, Path store) throws InterruptedException {
        PeakMemory[] watching = new PeakMemory[1];
        Tools.run(command, store, process -> watching[0] = new PeakMemory(process.pid()));
        try (PeakMemory peak = watching[0]) {
            return peak.most();
        }
    }
}
