package dev.hearth.autoscaler.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.autoscaler.observe.Observations;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ScalingPort;
import dev.hearth.contracts.Topics;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.ManualClock;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Against a real broker: the application is up before there is one, and goes on when it comes, goes
 * and comes; with messages that are unreadable, late or doubled; and when partitions change hands.
 */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class DemandChannelTest {
    private static final long MINUTE = 60_000;

    /** Each sample of a test is later than those of the tests before. */
    private static final AtomicLong CLOCK = new AtomicLong(1_700_000_000_000L);

    @Inject ScalingLog log;
    @Inject Explainer explainer;
    private KafkaProducer<String, String> producer;
    private KafkaConsumer<String, String> decisions;

    @BeforeAll
    static void begin() throws Exception {
        Broker.shared().begin();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", Broker.shared().address()))) {
            List<NewTopic> topics = new ArrayList<>();
            for (String name : List.of(Topics.DEMAND, Topics.INSTANCES)) {
                topics.add(new NewTopic(name, 2, (short) 1));
            }
            for (String name : List.of(Topics.DECISIONS, Topics.DEAD_LETTERS)) {
                topics.add(new NewTopic(name, 1, (short) 1));
            }
            topics.add(new NewTopic("day-before", 1, (short) 1));
            admin.createTopics(topics).all().get();
        }
    }

    @BeforeEach
    void connect() {
        producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", Broker.shared().address(), "acks", "1"),
                        new StringSerializer(),
                        new StringSerializer());
        decisions = consumer("test");
        decisions.subscribe(List.of(Topics.DECISIONS));
    }

    @AfterEach
    void close() {
        producer.close();
        decisions.close();
    }

    private static KafkaConsumer<String, String> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", Broker.shared().address(),
                        "group.id", group,
                        "auto.offset.reset", "earliest",
                        "session.timeout.ms", "10000",
                        "partition.assignment.strategy",
                                "org.apache.kafka.clients.consumer.RangeAssignor",
                        "metadata.max.age.ms", "1000"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    @Test
    void demand_brokerComesLateGoesAndComesBack_decisionsFollow() throws Exception {
        ConsumerRecord<String, String> first = untilDecided("hello-00001-abc");
        assertThat(first.value()).contains("\"schema\":1", "\"instances\":1", "\"cpuMillis\":1000");

        Broker.shared().end();
        Broker.shared().begin();
        assertThat(untilDecided("hello-00001-abc").key()).isEqualTo("hello-00001-abc");
    }

    @Test
    void unreadable_messages_putAsideAndPassedOver() {
        untilDecided("aside-00001-abc");
        producer.send(
                new ProducerRecord<>(Topics.DEMAND, "aside-00001-abc", "{\"schema\":1,\"oops"));
        producer.send(new ProducerRecord<>(Topics.DEMAND, null, null));
        producer.send(new ProducerRecord<>(Topics.INSTANCES, "aside-00001-abc/i", "[]"));

        assertThat(untilDecided("aside-00001-abc").key()).isEqualTo("aside-00001-abc");
        try (KafkaConsumer<String, String> aside = consumer("aside")) {
            aside.subscribe(List.of(Topics.DEAD_LETTERS));
            List<ConsumerRecord<String, String>> letters =
                    await(aside, found -> found.size() >= 3, Duration.ofSeconds(30));
            assertThat(letters)
                    .anySatisfy(
                            letter -> {
                                assertThat(letter.value()).isEqualTo("{\"schema\":1,\"oops");
                                assertThat(letter.key()).startsWith(Topics.DEMAND + "/");
                                assertThat(reason(letter)).isNotEmpty();
                            })
                    .anySatisfy(l -> assertThat(l.key()).startsWith(Topics.INSTANCES + "/"));
        }
    }

    private static String reason(ConsumerRecord<String, String> letter) {
        return new String(letter.headers().lastHeader("reason").value(), StandardCharsets.UTF_8);
    }

    @Test
    void samples_doubledAndLate_decideNothingMore() {
        String revision = "twice-00001-abc";
        untilDecided(revision);
        long at = CLOCK.addAndGet(1000);
        for (long when : new long[] {at, at, at - 400, at}) {
            send(revision, when, 2.5);
        }
        long last = CLOCK.addAndGet(1000);
        send(revision, last, 2.5);

        List<ConsumerRecord<String, String>> decided =
                await(
                        decisions,
                        found -> found.stream().anyMatch(r -> atOf(r.value()) == last),
                        Duration.ofSeconds(30));
        assertThat(decided.stream().filter(r -> r.key().equals(revision)).map(r -> atOf(r.value())))
                .filteredOn(when -> when >= at - 400)
                .containsExactly(at, last);
    }

    /**
     * Another autoscaler has the partition while the demand comes, and dies. Whoever has it next
     * decides as that one would have.
     */
    @Test
    void partition_changesHands_decisionsGoOnFromTheSameDemand() {
        untilDecided("warm-00001-abc");
        String revision;
        try (KafkaConsumer<String, String> other = consumer("hearth-autoscaler")) {
            other.subscribe(List.of(Topics.DEMAND, Topics.INSTANCES));
            Set<TopicPartition> theirs = untilAssigned(other);
            // the same partition of both topics
            assertThat(theirs.stream().map(TopicPartition::partition).distinct()).hasSize(1);
            revision = keyIn(theirs.iterator().next().partition());
            send(revision, CLOCK.addAndGet(500), 5);
            for (int second = 0; second < 59; second++) {
                send(revision, CLOCK.addAndGet(500), 0);
                send(revision, CLOCK.addAndGet(500), 0);
            }
            producer.flush();
        }
        // the next sample tells of less than a second, but its minute of idle time is over
        List<ConsumerRecord<String, String>> decided = new ArrayList<>();
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (decided.isEmpty() && System.nanoTime() < end) {
            send(revision, CLOCK.addAndGet(1000), 0);
            decided.addAll(
                    await(
                            decisions,
                            found -> found.stream().anyMatch(r -> r.key().equals(revision)),
                            Duration.ofSeconds(1)));
            decided.removeIf(r -> !r.key().equals(revision));
        }
        assertThat(decided).isNotEmpty();
        assertThat(decided.getFirst().value()).contains("\"instances\":0", "no request for");
    }

    /** The next of hourly requests is about a minute away, and a start takes two seconds. */
    @Test
    void requestsOfADay_theNextOneIsStartedAheadOf_byTheClock() {
        String revision = "hourly-00001-abc";
        untilDecided("before-00001-abc");
        sendHourly(Topics.DEMAND, revision, Instant.now().minus(Duration.ofMinutes(59)));

        List<ConsumerRecord<String, String>> ahead =
                await(
                        decisions,
                        found -> found.stream().anyMatch(r -> isAhead(r, revision)),
                        Duration.ofSeconds(60));
        assertThat(ahead)
                .filteredOn(r -> isAhead(r, revision))
                .singleElement()
                .satisfies(
                        r ->
                                assertThat(r.value())
                                        .contains("\"instances\":1", "ahead of it", "2.000 s"));

        // there is no sample of that moment: it is told beside the last one
        ScalingPort.Explanation told =
                explainer.explain(List.of(new RevisionName(revision)), Instant.now());
        assertThat(told.decision().wake()).isTrue();
        assertThat(told.demand().instances()).isZero();
    }

    @Test
    void dayBefore_readByAnAutoscalerThatBeginsAnew_isKnownAgain() throws Exception {
        untilDecided("before-00001-abc");
        Instant last = Instant.now().minus(Duration.ofMinutes(40));
        sendHourly("day-before", "hourly-00001-abc", last);
        producer.send(new ProducerRecord<>("day-before", "k", "\"idleMillis\":0, no sample"));
        producer.flush();
        ManualClock clock = new ManualClock();
        clock.advance(Duration.between(clock.now(), last.plus(Duration.ofSeconds(3537))));
        Observations anew = new Observations(clock, 100);
        TopicPartition partition = new TopicPartition("day-before", 0);

        new Recollection(log, anew).begin(partition, 41, Instant.now());

        Eventually.until(() -> anew.size() == 1);
        assertThat(anew.expected())
                .singleElement()
                .satisfies(d -> assertThat(d.revision()).isEqualTo("hourly-00001-abc"));
    }

    /** Twenty requests, an hour apart, each with an instance that is gone after it. */
    private void sendHourly(String topic, String revision, Instant last) {
        for (int hour = 19; hour >= 0; hour--) {
            long at = last.minus(Duration.ofHours(hour)).toEpochMilli();
            sendLearning(topic, revision, at, 1);
            sendLearning(topic, revision, at + 500, 0);
        }
        producer.flush();
    }

    private void sendLearning(String topic, String revision, long at, int instances) {
        String sample =
                sample(revision, at, instances)
                        .replace("\"instances\":1", "\"instances\":" + instances)
                        .replace("\"idleMillis\":" + MINUTE, "\"idleMillis\":0")
                        .replace("\"startMillis\":3.5", "\"startMillis\":2000")
                        .replace("536870912", Long.toString(8L << 30));
        producer.send(new ProducerRecord<>(topic, null, at, revision, sample));
    }

    private static boolean isAhead(ConsumerRecord<String, String> decision, String revision) {
        return decision.key().equals(revision) && decision.value().contains("\"wake\":true");
    }

    private static Set<TopicPartition> untilAssigned(KafkaConsumer<String, String> other) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (other.assignment().isEmpty()) {
            assertThat(System.nanoTime()).as("no partition within 60 s").isLessThan(end);
            other.poll(Duration.ofMillis(200));
        }
        return other.assignment();
    }

    private static String keyIn(int partition) {
        return IntStream.range(1, 1000)
                .mapToObj("moved-%05d-abc"::formatted)
                .filter(
                        key ->
                                BuiltInPartitioner.partitionForKey(
                                                key.getBytes(StandardCharsets.UTF_8), 2)
                                        == partition)
                .findFirst()
                .orElseThrow();
    }

    /** Sends a sample every so often, as a gateway does, until a decision about one comes. */
    private ConsumerRecord<String, String> untilDecided(String revision) {
        long begun = CLOCK.get();
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < end) {
            send(revision, CLOCK.addAndGet(500), 2.5);
            for (ConsumerRecord<String, String> record : decisions.poll(Duration.ofMillis(200))) {
                if (record.key().equals(revision) && atOf(record.value()) > begun) {
                    return record;
                }
            }
        }
        throw new AssertionError("no decision within 60 s");
    }

    private void send(String revision, long atMillis, double concurrency) {
        producer.send(
                new ProducerRecord<>(
                        Topics.DEMAND, revision, sample(revision, atMillis, concurrency)));
    }

    private static String sample(String revision, long atMillis, double concurrency) {
        return JsonTest.SAMPLE
                .replace("hello-00001-abc", revision)
                .replace("\"atMillis\":1000", "\"atMillis\":" + atMillis)
                .replace("\"concurrency\":2.5,\"queued\":1", demand(concurrency))
                .replace("\"idleMillis\":60000", "\"idleMillis\":" + MINUTE);
    }

    private static String demand(double concurrency) {
        return "\"concurrency\":" + concurrency + ",\"queued\":0";
    }

    private static List<ConsumerRecord<String, String>> await(
            KafkaConsumer<String, String> from,
            Predicate<List<ConsumerRecord<String, String>>> enough,
            Duration within) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        long end = System.nanoTime() + within.toNanos();
        while (!enough.test(found) && System.nanoTime() < end) {
            from.poll(Duration.ofMillis(200)).forEach(found::add);
        }
        return found;
    }

    private static long atOf(String decision) {
        return Long.parseLong(decision.replaceAll(".*\"atMillis\":(\\d+).*", "$1"));
    }
}
