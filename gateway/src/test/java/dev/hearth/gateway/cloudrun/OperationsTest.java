package dev.hearth.gateway.cloudrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.run.v2.Service;
import com.google.longrunning.Operation;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OperationsTest {
    private static final LocationName HERE = new LocationName("p", "l");
    private static final Service MEANT = Service.newBuilder().setReconciling(true).build();
    private static final Service MADE = Service.newBuilder().setName("made").build();

    /** No call waits for its work. */
    private final Operations operations = new Operations(Duration.ZERO);

    private static <T> T done(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void run_takesLonger_canBePolledAndAwaited() throws Exception {
        CompletableFuture<Service> work = new CompletableFuture<>();
        Operation begun = done(operations.run(HERE, MEANT, work));
        assertThat(begun.getDone()).isFalse();
        assertThat(begun.getMetadata().unpack(Service.class)).isEqualTo(MEANT);
        assertThat(begun.getName()).startsWith("projects/p/locations/l/operations/");
        assertThat(operations.get(begun.getName())).isEqualTo(begun);
        assertThat(done(operations.await(begun.getName(), Duration.ofMillis(1)))).isEqualTo(begun);

        CompletableFuture<Operation> waiting =
                operations.await(begun.getName(), Duration.ofSeconds(60)).toCompletableFuture();
        assertThat(waiting).isNotDone();
        work.complete(MADE);

        Operation over = done(waiting);
        assertThat(over.getDone()).isTrue();
        assertThat(over.getResponse().unpack(Service.class)).isEqualTo(MADE);
        assertThat(over.getMetadata().unpack(Service.class)).isEqualTo(MADE);
        assertThat(operations.get(begun.getName())).isEqualTo(over);
    }

    @Test
    void run_failsLater_operationHasTheError() {
        CompletableFuture<Service> work = new CompletableFuture<>();
        String name = done(operations.run(HERE, MEANT, work)).getName();
        work.completeExceptionally(
                new HearthException(ErrorKind.CONFLICT, "service-changed", "changed"));

        Operation over = operations.get(name);
        assertThat(over.getDone()).isTrue();
        assertThat(over.getError().getCode()).isEqualTo(10);
        assertThat(over.getError().getMessage()).isEqualTo("changed");
    }

    @Test
    void run_refusedWithinTheCall_failsAndIsForgotten() {
        CompletionStage<Operation> refused =
                operations.run(
                        HERE,
                        MEANT,
                        CompletableFuture.failedFuture(
                                new HearthException(
                                        ErrorKind.CONFLICT, "service-changed", "changed")));
        assertThatThrownBy(() -> done(refused))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(HearthException.class);
        assertThat(operations.list(HERE.toString(), 0, "").getOperationsList()).isEmpty();
    }

    @Test
    void run_tooMany_oldestThatAreOverGoFirst() {
        List<CompletableFuture<Service>> under = new ArrayList<>();
        String over =
                done(operations.run(HERE, MEANT, CompletableFuture.completedFuture(MADE)))
                        .getName();
        for (int i = 0; i < Operations.MOST; i++) {
            CompletableFuture<Service> work = new CompletableFuture<>();
            under.add(work);
            done(operations.run(HERE, MEANT, work));
        }
        assertThatThrownBy(() -> operations.get(over)).hasMessageContaining("no operation");
        assertThatThrownBy(() -> operations.run(HERE, MEANT, new CompletableFuture<Service>()))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.kind()).isEqualTo(ErrorKind.EXHAUSTED));
        under.get(7).complete(MADE);
        assertThat(done(operations.run(HERE, MEANT, new CompletableFuture<Service>())).getDone())
                .isFalse();
        assertThat(operations.list(HERE.toString(), 1000, "").getOperationsList())
                .hasSize(Operations.MOST)
                .noneMatch(Operation::getDone);
    }
}
