package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.testing.Eventually;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A platform with a price list of its own: whatever tells of a bill goes by it, to the last digit.
 */
@Tag("root")
class PricesTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** Two CPUs and half a GiB: 2 × 0.5 + 0.5 × 0.25 a second. */
    private static final BigDecimal SECOND = new BigDecimal("1.125");

    private static final BigDecimal REQUEST = new BigDecimal("3");
    private static final BigDecimal EGRESS_GIB = new BigDecimal("1024");

    private static Platform platform;

    @BeforeAll
    static void start() throws Exception {
        platform =
                new Platform(
                        List.of(
                                "env",
                                "HEARTH_PRICES_VCPU_SECOND=0.5",
                                "HEARTH_PRICES_GIB_SECOND=0.25",
                                "HEARTH_PRICES_MILLION_REQUESTS=3000000",
                                "HEARTH_PRICES_EGRESS_GIB=1024"));
        platform.up();
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    private static JsonNode usage() {
        String body = platform.admin().queryParam("service", "priced").get("/usage").asString();
        try {
            return JSON.readTree(body).get("total");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By what was used, which UsageTest holds against the clients' own count. */
    private static BigDecimal worth(JsonNode used) {
        return used.get("billedSeconds")
                .decimalValue()
                .multiply(SECOND)
                .add(REQUEST.multiply(used.get("requests").decimalValue()))
                .add(
                        EGRESS_GIB
                                .multiply(used.get("egressBytes").decimalValue())
                                .divide(BigDecimal.valueOf(1L << 30)));
    }

    @Test
    void anotherPriceList_isOnTheBillOfApiCommandAndCsv() throws Exception {
        platform.deploy("priced", "--cpu", "2", "--memory", "512Mi", "--idle", "10m");
        for (int i = 0; i < 5; i++) {
            assertThat(platform.get("priced", "/sleep?ms=200").statusCode()).isEqualTo(200);
        }
        AtomicReference<JsonNode> last = new AtomicReference<>();
        AtomicLong changed = new AtomicLong(System.nanoTime());
        Eventually.until(
                "five requests are on the bill, to which nothing is added for five seconds",
                Duration.ofSeconds(60),
                () -> {
                    JsonNode now = usage();
                    if (!now.equals(last.getAndSet(now))) {
                        changed.set(System.nanoTime());
                    }
                    return now.path("requests").asInt() == 5
                            && System.nanoTime() - changed.get() > 5_000_000_000L;
                });
        JsonNode used = usage();
        assertThat(used.get("billedSeconds").decimalValue()).isGreaterThan(BigDecimal.ONE);
        assertThat(used.get("egressBytes").asLong()).isPositive();
        BigDecimal cost = worth(used);
        assertThat(cost).isGreaterThan(new BigDecimal("16"));
        assertThat(used.get("cost").decimalValue()).isEqualByComparingTo(cost);
        assertThat(platform.succeed("usage", "priced").out())
                .contains(cost.setScale(6, RoundingMode.HALF_UP).toPlainString());
        String[] line =
                platform.succeed("usage", "priced", "--csv")
                        .out()
                        .strip()
                        .lines()
                        .toList()
                        .get(1)
                        .split(",");
        assertThat(line[3]).isEqualTo("5");
        assertThat(new BigDecimal(line[8])).isEqualByComparingTo(cost);
    }
}
