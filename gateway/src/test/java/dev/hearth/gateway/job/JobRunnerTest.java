package dev.hearth.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Schedule;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import dev.hearth.contracts.UsageRecord;
import dev.hearth.gateway.pool.QuotaGate;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobRunnerTest {
    private static final byte[] VALUE = {'v'};

    private final ManualClock clock = new ManualClock();
    private final MemoryJobs queue = new MemoryJobs(clock);
    private FakeTasks tasks = new FakeTasks(clock, "n1", "n2");

    private final FakeRuntime services = new FakeRuntime("127.0.0.1", 1);
    private Quota quota = Quota.NONE;

    /** The last record of each meter, as the database keeps it. */
    private final Map<String, UsageRecord> bill = new HashMap<>();

    private JobRunner runner = runner("g1");

    private JobRunner runner(String gateway) {
        return new JobRunner(queue, tasks, this::values, this::take, gate(), gateway, clock);
    }

    private QuotaGate gate() {
        return new QuotaGate(
                services,
                tasks,
                service -> Optional.empty(),
                project -> project.isDefault() ? quota : Quota.NONE,
                clock);
    }

    /** Of secrets that are called "known"; there are no others. */
    private CompletionStage<SecretValues> values(ProjectName project, List<SecretMount> wanted) {
        return wanted.stream().allMatch(m -> m.secret().value().equals("known"))
                ? CompletableFuture.completedFuture(
                        new SecretValues(
                                wanted.stream()
                                        .map(m -> new SecretValues.Value(m.target(), VALUE))
                                        .toList()))
                : CompletableFuture.failedFuture(
                        new HearthException(
                                ErrorKind.NOT_FOUND,
                                "secret-not-found",
                                "there is no such secret"));
    }

    private void take(UsageRecord record) {
        bill.merge(record.meter(), record, (a, b) -> a.sequence() < b.sequence() ? b : a);
    }

    private static TaskTemplate template(
            int tasks, int parallelism, int maxRetries, String... secrets) {
        return new TaskTemplate(
                "oci:/x",
                JobRequest.NOT_FOUND_YET,
                ContainerSpec.toEnd(
                        List.of("/work"),
                        List.of(),
                        Map.of("A", "b"),
                        Stream.of(secrets).map(SecretMount::parse).toList()),
                new Resources(new Cpu(1000), DataSize.mebibytes(64)),
                Egress.DEFAULT,
                tasks,
                parallelism,
                maxRetries,
                Duration.ofMinutes(10),
                Metadata.NONE);
    }

    private Execution.State state(Execution execution) {
        return queue.executions.get(execution.name()).state();
    }

    private Task task(Execution execution, int index) {
        return queue.tasks.get(execution.name()).get(index);
    }

    @Test
    void round_allExitZero_succeeds() {
        Execution execution = queue.begin("nightly-aaaaa", template(3, 0, 0));

        runner.round();
        assertThat(tasks.running()).hasSize(3);
        RevisionSpec second = tasks.began.get(1);
        assertThat(second.name().value()).isEqualTo("nightly-aaaaa-1-0");
        assertThat(second.container().env())
                .containsAllEntriesOf(
                        Map.of(
                                "A", "b",
                                "CLOUD_RUN_JOB", "nightly",
                                "CLOUD_RUN_EXECUTION", "nightly-aaaaa",
                                "CLOUD_RUN_TASK_INDEX", "1",
                                "CLOUD_RUN_TASK_ATTEMPT", "0",
                                "CLOUD_RUN_TASK_COUNT", "3"));

        clock.advance(Duration.ofSeconds(90));
        tasks.running().forEach(t -> tasks.end(t, new ExitCause.Exited(0)));
        runner.round();
        runner.round();

        assertThat(state(execution)).isEqualTo(Execution.State.SUCCEEDED);
        assertThat(tasks.known()).isEmpty();
        assertThat(bill.values())
                .extracting(UsageRecord::billedMillis)
                .containsExactly(90_000L, 90_000L, 90_000L);
    }

    private String message(Execution execution) {
        return queue.executions.get(execution.name()).message();
    }

    @Test
    void round_beyondTheQuota_waitsSaysWhyAndBeginsWhenThereIsRoom() {
        quota = new Quota(0, 2, 0, 0, 0);
        Execution execution = queue.begin("nightly-aaaaa", template(3, 0, 0));
        runner.round();
        assertThat(tasks.running()).hasSize(2);
        assertThat(message(execution))
                .startsWith("tasks wait: a task of the job \"nightly\" (1 cpu, 64Mi)")
                .contains("quota of 2 instances", "hearth quota");
        clock.advance(Duration.ofSeconds(1));
        runner.round();
        assertThat(tasks.running()).hasSize(2);
        assertThat(task(execution, 2).state()).isEqualTo(Task.State.WAITING);
        assertThat(task(execution, 2).attempt()).isZero();

        tasks.end(tasks.running().getFirst(), new ExitCause.Exited(0));
        runner.round();
        clock.advance(Duration.ofSeconds(1));
        runner.round();

        assertThat(tasks.running()).hasSize(2);
        assertThat(task(execution, 2).state()).isEqualTo(Task.State.RUNNING);
        assertThat(message(execution)).isEmpty();
    }

    @Test
    void round_instancesOfServicesAndOtherGatewaysTasks_countToo() {
        quota = new Quota(0, 0, 2_500, 0, 0);
        services.start(Revisions.of("hello", 80, 5)); // one CPU
        services.succeed();
        queue.begin("nightly-aaaaa", template(1, 0, 0));
        runner("g2").round();
        assertThat(tasks.running()).hasSize(1);

        Execution execution = queue.begin("nightly-bbbbb", template(1, 0, 0));
        runner.round();
        assertThat(tasks.running()).hasSize(1);
        assertThat(message(execution)).contains("quota of 2500m cpu");

        quota = new Quota(0, 0, 3_000, 0, 0);
        clock.advance(Duration.ofSeconds(1));
        runner.round();
        assertThat(tasks.running()).hasSize(2);
    }

    @Test
    void round_parallelism_isNeverExceeded() {
        queue.begin("nightly-aaaaa", template(5, 2, 0));

        for (int done = 0; done < 5; done++) {
            runner.round();
            assertThat(tasks.running()).hasSizeBetween(1, 2);
            tasks.end(tasks.running().getFirst(), new ExitCause.Exited(0));
        }
        runner.round();
        runner.round();

        assertThat(tasks.began).hasSize(5);
    }

    @Test
    void round_noRoom_restWaits() {
        tasks.room = 1;
        Execution execution = queue.begin("nightly-aaaaa", template(3, 0, 0));

        runner.round();

        assertThat(tasks.running()).hasSize(2); // one on each node
        assertThat(task(execution, 2).state()).isEqualTo(Task.State.WAITING);
        tasks.end(tasks.running().getFirst(), new ExitCause.Exited(0));
        runner.round();
        assertThat(task(execution, 2).state()).isEqualTo(Task.State.RUNNING);
    }

    @Test
    void round_taskFails_triedAgainThenFailed() {
        Execution execution = queue.begin("nightly-aaaaa", template(1, 0, 2));

        for (int attempt = 0; attempt < 3; attempt++) {
            runner.round();
            runner.round();
            assertThat(tasks.running())
                    .containsExactly(new RevisionName("nightly-aaaaa-0-" + attempt));
            tasks.end(tasks.running().getFirst(), new ExitCause.Exited(1));
            runner.round();
            clock.advance(BackOff.after(attempt));
        }
        runner.round();

        assertThat(state(execution)).isEqualTo(Execution.State.FAILED);
        assertThat(tasks.began).hasSize(3);
    }

    @Test
    void round_taskFails_restsTwiceAsLongEachTime_whicheverGatewaySeesToIt() {
        queue.begin("nightly-aaaaa", template(2, 0, 8));
        runner.round();
        tasks.end(new RevisionName("nightly-aaaaa-1-0"), new ExitCause.Exited(0));
        // after the attempts 0 to 7
        for (int seconds : List.of(1, 2, 4, 8, 16, 32, 60, 60)) {
            int before = tasks.began.size();
            tasks.end(tasks.running().getFirst(), new ExitCause.Exited(1));
            runner.round();
            clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
            runner = runner("g1"); // killed and back: what is to rest is not kept by it
            runner.round();
            assertThat(tasks.began).hasSize(before);
            clock.advance(Duration.ofMillis(1));
            runner.round();
            assertThat(tasks.began).hasSize(before + 1);
        }
    }

    @Test
    void round_clockIsPutBack_taskDoesNotRestForThatLong() {
        queue.begin("nightly-aaaaa", template(1, 0, 1));
        runner.round();
        clock.advance(Duration.ofMinutes(5));
        tasks.end(tasks.running().getFirst(), new ExitCause.Exited(1));
        runner.round();
        clock.setBack(Duration.ofHours(1));
        runner.round();
        assertThat(tasks.running()).hasSize(1);
    }

    @Test
    void round_secrets_areToldToEachAttempt() {
        queue.begin("nightly-aaaaa", template(1, 0, 1, "KEY=known:1", "/run/keys/key=known"));
        runner.round();
        tasks.end(tasks.running().getFirst(), new ExitCause.Exited(1));
        runner.round();
        clock.advance(BackOff.FIRST);
        runner.round();

        assertThat(tasks.told).hasSize(2);
        assertThat(tasks.told.values())
                .allSatisfy(
                        told ->
                                assertThat(told.all())
                                        .extracting(SecretValues.Value::target)
                                        .containsExactly("/run/keys/key", "KEY"));
    }

    @Test
    void round_secretIsNotThere_isAnAttemptThatFailed_withTheReason() {
        Execution execution = queue.begin("nightly-aaaaa", template(1, 0, 1, "KEY=unknown"));
        for (int attempt = 0; attempt < 2; attempt++) {
            runner.round(); // claims it
            runner.round(); // hears why it did not begin
            clock.advance(BackOff.LONGEST);
        }
        runner.round();

        assertThat(tasks.began).isEmpty();
        assertThat(state(execution)).isEqualTo(Execution.State.FAILED);
        assertThat(task(execution, 0).message())
                .isEqualTo("could not be started: there is no such secret");
        assertThat(bill).isEmpty();
    }

    @Test
    void round_overItsTimeout_stopped() {
        Execution execution = queue.begin("nightly-aaaaa", template(1, 0, 0));
        runner.round();
        clock.advance(Duration.ofMinutes(10));

        runner.round();
        runner.round();
        runner.round();

        assertThat(tasks.stopReasons).containsExactly(StopReason.TIMED_OUT);
        assertThat(state(execution)).isEqualTo(Execution.State.FAILED);
        assertThat(task(execution, 0).message()).contains("longer than its timeout");
    }

    @Test
    void round_cancelled_stopsWhatRunsAndBeginsNothing() {
        Execution execution = queue.begin("nightly-aaaaa", template(3, 1, 3));
        runner.round();
        queue.state(execution.name(), Execution.State.CANCELLING);

        runner.round();
        runner.round();
        runner.round();

        assertThat(state(execution)).isEqualTo(Execution.State.CANCELLED);
        assertThat(tasks.began).hasSize(1);
        assertThat(tasks.running()).isEmpty();
    }

    @Test
    void round_executionDeleted_stopsWhatRuns() {
        Execution execution = queue.begin("nightly-aaaaa", template(2, 0, 3));
        runner.round();
        queue.executions.remove(execution.name());
        queue.tasks.remove(execution.name());

        runner.round();
        clock.advance(Duration.ofSeconds(6));
        runner.round();

        assertThat(tasks.running()).isEmpty();
        assertThat(tasks.known()).isEmpty();
        assertThat(bill).hasSize(2);
    }

    @Test
    void newGateway_goesOnWhereTheLastOneWas() {
        Execution execution = queue.begin("nightly-aaaaa", template(2, 0, 0));
        runner.round();
        tasks.end(new RevisionName("nightly-aaaaa-0-0"), new ExitCause.Exited(0));

        JobRunner other = runner("g2"); // g1 is gone
        other.round();
        assertThat(task(execution, 0).state()).isEqualTo(Task.State.RUNNING); // g1's lease
        clock.advance(Duration.ofSeconds(11));
        other.round();
        assertThat(task(execution, 0).state()).isEqualTo(Task.State.SUCCEEDED);
        tasks.end(new RevisionName("nightly-aaaaa-1-0"), new ExitCause.Exited(0));
        other.round();
        other.round();

        assertThat(state(execution)).isEqualTo(Execution.State.SUCCEEDED);
        assertThat(tasks.began).hasSize(2);
    }

    @Test
    void nodeThatRefuses_waitsAndIsAskedAgain() {
        Execution execution = queue.begin("nightly-aaaaa", template(1, 0, 0));
        tasks.failure =
                Optional.of(new HearthException(ErrorKind.EXHAUSTED, "node-full", "no room"));
        runner.round();
        runner.round();
        assertThat(task(execution, 0).state()).isEqualTo(Task.State.WAITING);
        assertThat(task(execution, 0).attempt()).isZero();

        tasks.failure = Optional.empty();
        clock.advance(Duration.ofSeconds(3));
        runner.round();
        runner.round();

        assertThat(tasks.running()).hasSize(1);
    }

    @Test
    void answerLost_attemptGoesOnAndBeginsOnce() {
        queue.begin("nightly-aaaaa", template(1, 0, 0));
        tasks.failure =
                Optional.of(
                        new HearthException(ErrorKind.UNAVAILABLE, "node-unreachable", "cut off"));
        runner.round();
        runner.round();
        runner.round();

        assertThat(tasks.began).hasSize(1);
        assertThat(tasks.running()).hasSize(1);
    }

    @Test
    void nodeSilent_lostOnlyAfterAWhile_andStoppedWhenItComesBack() {
        Execution execution = queue.begin("nightly-aaaaa", template(1, 0, 1));
        runner.round();
        tasks.silent.add("n1");
        runner.round();
        clock.advance(JobRunner.NODE_PATIENCE.minusSeconds(1));
        runner.round();
        assertThat(task(execution, 0).attempt()).isZero();
        clock.advance(Duration.ofSeconds(2));
        runner.round();
        clock.advance(BackOff.FIRST);
        runner.round();
        assertThat(tasks.began.getLast().name().value()).isEqualTo("nightly-aaaaa-0-1");

        tasks.silent.clear();
        clock.advance(Duration.ofSeconds(6));
        runner.round();

        assertThat(tasks.running()).containsExactly(new RevisionName("nightly-aaaaa-0-1"));
    }

    @Test
    void databaseAway_tasksGoOn() {
        Execution execution = queue.begin("nightly-aaaaa", template(1, 0, 0));
        runner.round();
        queue.isAway = true;
        assertThat(org.assertj.core.api.Assertions.catchThrowable(runner::round))
                .isInstanceOf(HearthException.class);
        tasks.end(tasks.running().getFirst(), new ExitCause.Exited(0));
        queue.isAway = false;
        runner.round();
        runner.round();
        assertThat(state(execution)).isEqualTo(Execution.State.SUCCEEDED);
        assertThat(tasks.began).hasSize(1);
    }

    @Test
    void schedule_twoGateways_runsOnceEachTime() {
        Schedule hourly = Schedule.parse("0 * * * *", "UTC");
        Instant first = hourly.next(clock.now()).orElseThrow();
        queue.jobs.add(
                new Job(
                        new JobName("nightly"),
                        new ServiceVersion(UUID.randomUUID(), 1),
                        Metadata.NONE,
                        template(1, 0, 0),
                        Optional.of(hourly),
                        Optional.of(first),
                        0,
                        Optional.empty(),
                        clock.now(),
                        clock.now()));
        JobRunner other = runner("g2");
        for (int minute = 0; minute < 150; minute++) {
            clock.advance(Duration.ofMinutes(1));
            runner.round();
            other.round();
        }
        assertThat(queue.executions).hasSizeBetween(2, 3);
        assertThat(new HashSet<>(queue.executions.keySet())).hasSize(queue.executions.size());
    }

    /**
     * Whatever dies, is silent or lost in between: no attempt begins twice, none beyond the
     * retries, nothing begins after a success, and every attempt is billed.
     */
    @Test
    void anyFaults_nothingRunsMoreOftenThanItMay() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            queue.executions.clear();
            queue.tasks.clear();
            bill.clear();
            tasks = new FakeTasks(clock, "n1", "n2");
            int maxRetries = random.nextInt(3);
            boolean mayLoseNodes = seed % 2 == 0;
            Execution execution =
                    queue.begin(
                            "x-" + "%05d".formatted(seed),
                            template(4, random.nextInt(4), maxRetries));
            JobRunner[] gateways = {runner("g1"), runner("g2")};
            Set<RevisionName> succeeded = new HashSet<>();
            for (int step = 0; step < 2000 && !state(execution).isOver(); step++) {
                clock.advance(Duration.ofMillis(random.nextInt(4000)));
                int which = random.nextInt(2);
                switch (random.nextInt(12)) {
                    case 0 -> gateways[which] = runner("g" + (which + 1)); // killed and back
                    case 1 -> queue.isAway = random.nextInt(3) == 0;
                    case 2 -> {
                        tasks.silent.clear();
                        if (mayLoseNodes && random.nextInt(3) == 0) {
                            tasks.silent.add("n" + (1 + random.nextInt(2)));
                        }
                    }
                    case 3 ->
                            tasks.failure =
                                    random.nextInt(3) > 0
                                            ? Optional.empty()
                                            : Optional.of(
                                                    new HearthException(
                                                            ErrorKind.UNAVAILABLE,
                                                            random.nextBoolean()
                                                                    ? "node-unreachable"
                                                                    : "too-many-starts",
                                                            "it failed"));
                    case 4, 5 -> {
                        List<RevisionName> running = tasks.running();
                        if (!running.isEmpty()) {
                            RevisionName one = running.get(random.nextInt(running.size()));
                            boolean fine = random.nextBoolean();
                            if (fine) {
                                succeeded.add(one);
                            }
                            tasks.end(one, new ExitCause.Exited(fine ? 0 : 1));
                        }
                    }
                    default -> look(gateways[which]);
                }
            }
            queue.isAway = false;
            tasks.silent.clear();
            tasks.failure = Optional.empty();
            for (int i = 0; i < 40; i++) {
                tasks.running().forEach(t -> tasks.end(t, new ExitCause.Exited(0)));
                clock.advance(Duration.ofSeconds(6));
                look(gateways[0]);
                look(gateways[1]);
            }

            assertThat(state(execution).isOver()).as("seed %d", seed).isTrue();
            List<RevisionName> began = tasks.began.stream().map(RevisionSpec::name).toList();
            assertThat(began).as("seed %d", seed).doesNotHaveDuplicates();
            for (RevisionName attempt : began) {
                int number =
                        Integer.parseInt(
                                attempt.value().substring(attempt.value().lastIndexOf('-') + 1));
                assertThat(number).isBetween(0, maxRetries);
            }
            if (!mayLoseNodes) { // else nobody may have heard of a success
                for (RevisionName attempt : succeeded) {
                    assertThat(began).as("seed %d", seed).doesNotContain(after(attempt));
                }
            }
            assertThat(tasks.known()).as("seed %d", seed).isEmpty();
            assertThat(bill).as("seed %d", seed).hasSameSizeAs(began);
        }
    }

    private static RevisionName after(RevisionName attempt) {
        int dash = attempt.value().lastIndexOf('-') + 1;
        int number = Integer.parseInt(attempt.value().substring(dash));
        return new RevisionName(attempt.value().substring(0, dash) + (number + 1));
    }

    private static void look(JobRunner gateway) {
        try {
            gateway.round();
        } catch (HearthException away) {
            assertThat(away.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        }
    }
}
