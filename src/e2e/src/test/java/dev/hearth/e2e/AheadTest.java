package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.Topics;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A service that a timer calls is there when the timer calls, and not before. */
@Tag("root")
class AheadTest {
    private static final Duration PERIOD = Duration.ofMinutes(20);
    private static final Duration CALL = Duration.ofSeconds(1);

    /**
     * Before the minute begins that is waited for: room for a deploy and the end of its instance.
     */
    private static final Duration LEFT = Duration.ofSeconds(60);

    private static final Set<String> READY = Set.of("ready", "idle", "frozen");
    private static final int CALLS = 30;
    private static final long START_MILLIS = 300;
    private static final long MEMORY = 4L << 30;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final int kafkaPort = Ports.free();
    private Path directory;
    private Process kafka;
    private Platform platform;

    @BeforeEach
    void start() throws Exception {
        directory = Files.createTempDirectory("hearth-e2e-ahead-");
        kafka = ClusterBroker.start(directory, "127.0.0.1", kafkaPort, Ports.free(), 1);
        platform = new Platform("--kafka", "127.0.0.1:" + kafkaPort);
        platform.up();
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
        kafka.destroy();
        assertThat(kafka.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (Stream<Path> files = Files.walk(directory)) {
            files.map(Path::toFile)
                    .sorted(java.util.Comparator.reverseOrder())
                    .forEach(java.io.File::delete);
        }
    }

    /** As a gateway would have told of ten hours of calls. */
    private void tellOfCalls(String revision) throws Exception {
        long last = System.currentTimeMillis() - PERIOD.minus(LEFT).minusMinutes(1).toMillis();
        try (KafkaProducer<String, String> demand =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", "127.0.0.1:" + kafkaPort),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int ago = CALLS - 1; ago >= 0; ago--) {
                long at = last - ago * PERIOD.toMillis();
                tell(demand, sample(revision, at, 1));
                tell(demand, sample(revision, at + CALL.toMillis(), 0)); // at once to zero again
            }
        }
    }

    private static void tell(KafkaProducer<String, String> demand, DemandSample sample)
            throws Exception {
        String text = new ObjectMapper().writeValueAsString(sample);
        demand.send(
                        new ProducerRecord<>(
                                Topics.DEMAND, null, sample.atMillis(), sample.revision(), text))
                .get(60, TimeUnit.SECONDS);
    }

    /**
     * @param requests that came, were in flight all the time and are over; and instances for them
     */
    private static DemandSample sample(String revision, long at, int requests) {
        return new DemandSample(
                Topics.SCHEMA,
                revision,
                at,
                CALL.toMillis(),
                requests,
                0,
                requests,
                0,
                requests,
                requests,
                START_MILLIS,
                new DemandSample.Bounds(
                        80, 0, 1, 0, 1000, 1000, MEMORY, ScalingRules.DEFAULT.toString()));
    }

    private String state(String service) {
        return platform.instancesOf(service).stream()
                .map(instance -> String.valueOf(instance.get("state")))
                .findFirst()
                .orElse("none");
    }

    @Test
    void requestsOfATimer_foundAnInstanceStartedAheadOfThem() throws Exception {
        tellOfCalls("timer-ticks");

        platform.deploy(
                "timer",
                "--idle",
                "auto",
                "--revision-suffix",
                "ticks",
                "--memory",
                "4Gi",
                "--env",
                "HELLO_DELAY_MS=" + START_MILLIS);
        Eventually.until(
                "the instance that proved it is gone",
                PATIENCE,
                () -> platform.instances("timer") == 0);
        Eventually.until(
                "an instance is there without a request",
                PATIENCE,
                () -> platform.instances("timer") == 1);

        assertThat(platform.succeed("explain", "timer").out()).contains("worth a start ahead");
        Eventually.until(
                "it takes requests",
                PATIENCE,
                () ->
                        platform.instancesOf("timer").getFirst().get("state").equals("ready")
                                || platform.instancesOf("timer")
                                        .getFirst()
                                        .get("state")
                                        .equals("idle"));
        assertThat(platform.get("timer", "/").header("Server-Timing")).as("no cold start").isNull();
    }
}
