package dev.hearth.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
    private final Metrics metrics = new Metrics(runtime, List::of);

    @Test
    void text_instances_byServiceAndState() {
        InstanceId frozen = runtime.left(Revisions.of("hello", 80, 10));
        runtime.left(Revisions.of("hello", 80, 10));
        runtime.left(Revisions.of("other", 80, 10));
        runtime.freeze(frozen, Warmth.FROZEN);

        assertThat(metrics.text(any -> true).lines())
                .contains(
                        "# TYPE hearth_instances gauge",
                        "hearth_instances{service=\"hello\",state=\"frozen\"} 1",
                        "hearth_instances{service=\"hello\",state=\"ready\"} 1",
                        "hearth_instances{service=\"other\",state=\"ready\"} 1");
    }

    @Test
    void text_ends_byCause() {
        InstanceId evicted = runtime.left(Revisions.of("hello", 80, 10));
        InstanceId killed = runtime.left(Revisions.of("other", 80, 10));
        runtime.stop(evicted, StopReason.EVICTED);
        runtime.exit(killed, new ExitCause.OutOfMemory(1, 1));

        assertThat(metrics.text(any -> true).lines())
                .contains(
                        "# TYPE hearth_instance_ends_total counter",
                        "hearth_instance_ends_total{cause=\"evicted\"} 1",
                        "hearth_instance_ends_total{cause=\"out_of_memory\"} 1");
    }
}
