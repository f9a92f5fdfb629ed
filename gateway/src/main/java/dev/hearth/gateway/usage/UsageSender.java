package dev.hearth.gateway.usage;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.Topics;
import dev.hearth.contracts.UsageRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/**
 * Sends the ledger to Kafka, from where it has come, for as long as it takes. A record may be sent
 * twice, which changes nothing; none is passed over.
 */
public final class UsageSender implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(UsageSender.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PAUSE_MILLIS = 500;
    private static final long SEND_SECONDS = 15;

    private final Ledger ledger;
    private final String brokers;
    private final AtomicLong sent = new AtomicLong();
    private final Thread thread;
    private boolean away;
    private volatile boolean closing;

    private UsageSender(Ledger ledger, String brokers) {
        this.ledger = ledger;
        this.brokers = brokers;
        this.thread = Thread.ofPlatform().daemon().name("usage-sender").unstarted(this::run);
    }

    /**
     * @param brokers where Kafka is, or will be
     */
    public static UsageSender begin(UsageLog log, String brokers) {
        UsageSender sender = new UsageSender(log.ledger(), brokers);
        sender.thread.start();
        return sender;
    }

    /** Records that Kafka has taken since the start. */
    public long sent() {
        return sent.get();
    }

    private void run() {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers", brokers,
                                "acks", "all",
                                "enable.idempotence", "true",
                                "compression.type", "gzip",
                                "linger.ms", "20",
                                "max.block.ms", "5000",
                                "request.timeout.ms", "5000",
                                "delivery.timeout.ms", "10000",
                                "reconnect.backoff.max.ms", "1000"),
                        new StringSerializer(),
                        new StringSerializer())) {
            while (!closing) {
                if (!sendSome(producer)) {
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there was something, and it is sent. */
    private boolean sendSome(KafkaProducer<String, String> producer) throws InterruptedException {
        try {
            Ledger.Batch batch = ledger.unsent();
            if (batch.lines().isEmpty()) {
                return false;
            }
            List<Future<RecordMetadata>> sends = new ArrayList<>();
            for (String line : batch.lines()) {
                sends.add(producer.send(new ProducerRecord<>(Topics.USAGE, project(line), line)));
            }
            for (Future<RecordMetadata> send : sends) {
                send.get(SEND_SECONDS, TimeUnit.SECONDS);
            }
            ledger.sentUpTo(batch.end());
            sent.addAndGet(batch.lines().size());
            if (away) {
                away = false;
                LOG.infof("usage is being sent again");
            }
            return true;
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            if (!away) {
                away = true;
                LOG.infof("usage is kept on disk until Kafka takes it: %s", e.getMessage());
            }
        } catch (IOException e) {
            LOG.errorf("the ledger of usage cannot be read: %s", e.getMessage());
        }
        return false;
    }

    /** Whose a record is. */
    private static String project(String line) throws IOException {
        return JSON.readTree(line).path("project").asText(UsageRecord.DEFAULT_PROJECT);
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
