package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Bombs and floods: each meets a bound, and the platform and its other services serve on. */
@Tag("root")
@Isolated
class ResourceIsolationTest {
    @RegisterExtension static final AttackedPlatform ATTACKED = new AttackedPlatform();

    /** The processes of one instance, as NodeConfig has them by default. */
    private static final int MOST_PROCESSES = 1024;

    private static int number(String told) {
        return Integer.parseInt(told.split(" ")[0]);
    }

    @Test
    void forkBomb_endsAtTheLimitAndByAStop() throws Exception {
        Path pids = pidsOf(ATTACKED.initOnHost());
        assertThat(ATTACKED.attempt("/fork-bomb")).containsExactly("bomb ok");
        Eventually.until(
                "the bomb is at its limit",
                Duration.ofSeconds(30),
                () -> Integer.parseInt(text(pids).strip()) == MOST_PROCESSES);
        assertThat(ATTACKED.platform().get("neighbour", "/").statusCode()).isEqualTo(200);
        ATTACKED.renew();
        assertThat(pids).doesNotExist();
    }

    private static Path pidsOf(long process) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (parts[1].equals("pids")) {
                return Path.of("/sys/fs/cgroup/pids" + parts[2], "pids.current");
            }
            if (parts[1].isEmpty() && parts[2].contains("hearth-")) {
                return Path.of("/sys/fs/cgroup" + parts[2], "pids.current");
            }
        }
        throw new AssertionError("process " + process + " is in no pids cgroup");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return "0";
        }
    }

    @Test
    void zombies_thousands_reapedByInit() throws Exception {
        assertThat(number(ATTACKED.attempt("/zombies?2000").getFirst())).isEqualTo(2000);
        Eventually.until(
                "init has reaped them",
                Duration.ofSeconds(10),
                () -> ATTACKED.attempt("/processes").size() < 10);
    }

    @Test
    void memoryBomb_killedAndReplaced() {
        Response answer = ATTACKED.get("/memory-bomb");
        assertThat(answer.statusCode()).isIn(200, 502); // the process of the request, or the whole
    }

    @Test
    void descriptorBomb_endsAtTheLimit() {
        String told = ATTACKED.attempt("/descriptor-bomb").getFirst();
        assertThat(told).endsWith(" EMFILE");
        assertThat(number(told)).isLessThan(65_536);
    }

    @Test
    void disk_filled_endsAtTheBound() {
        for (String file : new String[] {"/srv/big", "/tmp/big", "/dev/shm/big", "/dev/big"}) {
            Response answer = ATTACKED.get("/fill?" + file);
            assertThat(answer.statusCode()).as(file).isIn(200, 502);
            if (answer.statusCode() == 200) {
                assertThat(answer.asString()).as(file).matches("\\d+ ENOSPC\n");
                assertThat(number(answer.asString())).isLessThanOrEqualTo(256);
            }
        }
    }

    @Test
    void inodes_filled_endAtTheBound() {
        String told = ATTACKED.attempt("/inode-bomb?/srv").getFirst();
        assertThat(told).endsWith(" ENOSPC");
        assertThat(number(told)).isLessThanOrEqualTo(65_536);
    }

    @Test
    void log_floodedWithoutALineEnd_cutToItsBound() throws Exception {
        assertThat(ATTACKED.attempt("/flood?64")).containsExactly("64");
        Eventually.until(
                "the log is cut", Duration.ofSeconds(15), () -> logBytes() <= 2L * (16 << 20));
        assertThat(ATTACKED.platform().hearth("logs", "probe").code()).isZero();
    }

    private static long logBytes() {
        try (Stream<Path> all =
                Files.list(ATTACKED.platform().data.resolve("logs/services/probe"))) {
            return all.mapToLong(f -> f.toFile().length()).sum();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
