package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A quota that follows what is used. Whoever gets less of a busy machine than its quota is not
 * throttled, so there is nothing to follow: hence alone.
 */
@Tag("root")
@Isolated
@ExtendWith(SharedPlatform.class)
class CpuLimitTest {
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    /**
     * The quota that the kernel enforces follows what the autoscaler decides, up and to the sliver.
     */
    @Test
    void cpuLimit_whileRequestsSpin_quotaGrowsAndIsTakenBack() throws Exception {
        platform.deploy(
                "grow", "--cpu", "200m", "--cpu-limit", "1", "--concurrency", "10", "--max", "1");
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                clients.submit(
                        () -> {
                            while (!over.get()) {
                                platform.get("grow", "/spin?ms=50");
                            }
                        });
                Eventually.until(
                        "its whole limit", Duration.ofSeconds(60), () -> cpu().equals("1"));
                assertThat(platform.hearth("explain", "grow").out())
                        .contains("1000m CPU each, deployed with 200m", "of its periods");
            } finally {
                over.set(true); // the client would go on for ever, and be waited for
            }
        }
        Eventually.until("the sliver", Duration.ofSeconds(30), () -> cpu().equals("10m"));
    }

    private static String cpu() {
        return platform.instancesOf("grow").stream()
                .map(instance -> (String) instance.get("cpu"))
                .findFirst()
                .orElse("");
    }
}
