package dev.hearth.bench.pull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;

/** The images of the scenario, in a registry; {@code src/testing/images/pull.sh} makes them. */
final class PullImages {
    /** The one that is pulled. */
    static final String BIG = "pull";

    /** Has the big one's layers but for the last. */
    static final String SIBLING = "pull-sibling";

    /** Such a last layer, and nothing below. */
    static final String ALONE = "pull-alone";

    /** Has nothing in common with the others: to warm up with. */
    static final String OTHER = "pull-other";

    private final LocalRegistry registry;
    private final Size size;

    private PullImages(LocalRegistry registry, Size size) {
        this.registry = registry;
        this.size = size;
    }

    /**
     * The big image's size.
     *
     * @param packed bytes of its gzip layers
     * @param unpacked bytes of the tars in them
     */
    record Size(int layers, long packed, long unpacked) {}

    /**
     * Builds them, or finds them built, and pushes them.
     *
     * @param build {@code src/testing/images/build}
     */
    static PullImages push(Path build, LocalRegistry registry) throws InterruptedException {
        for (String image : List.of(BIG, SIBLING, ALONE, OTHER)) {
            Tools.run(
                    "skopeo",
                    "copy",
                    "--quiet",
                    "--dest-tls-verify=false",
                    "oci:" + layout(build, image) + ":latest",
                    "docker://" + registry.reference(image));
        }
        return new PullImages(registry, size(layout(build, BIG)));
    }

    private static Path layout(Path build, String image) throws InterruptedException {
        return Path.of(Tools.run(build.toString(), image).strip());
    }

    private static Size size(Path layout) {
        ObjectMapper json = new ObjectMapper();
        try {
            JsonNode index = json.readTree(layout.resolve("index.json").toFile());
            JsonNode manifest =
                    json.readTree(blob(layout, index.path("manifests").path(0)).toFile());
            int layers = 0;
            long packed = 0;
            long unpacked = 0;
            for (JsonNode layer : manifest.path("layers")) {
                layers++;
                packed += layer.path("size").asLong();
                unpacked += unpacked(blob(layout, layer));
            }
            return new Size(layers, packed, unpacked);
        } catch (IOException e) {
            throw new BenchFailure("the image in " + layout + " cannot be read: " + e, e);
        }
    }

    private static Path blob(Path layout, JsonNode descriptor) {
        return layout.resolve("blobs/" + descriptor.path("digest").asText().replace(':', '/'));
    }

    /** What a gzip file says at its end (RFC 1952, ISIZE), below 4 GiB. */
    private static long unpacked(Path gzip) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(gzip.toFile(), "r")) {
            file.seek(file.length() - Integer.BYTES);
            return Integer.toUnsignedLong(Integer.reverseBytes(file.readInt()));
        }
    }

    String reference(String image) {
        return registry.reference(image);
    }

    Size size() {
        return size;
    }
}
