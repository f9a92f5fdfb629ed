package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static dev.hearth.catalog.Stages.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobQueuePort;
import dev.hearth.contracts.JobQueuePort.Outcome;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.Schedule;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class JobsTest {
    private static final JobName NIGHTLY = new JobName("nightly");
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final InstanceId INSTANCE = new InstanceId("i-aaaaaaaaaaaa");

    private static final SecretName KEY = new SecretName("key");

    @Inject JobPort jobs;
    @Inject SecretPort secrets;
    @Inject ProjectPort projects;
    @Inject JobQueuePort queue;
    @Inject Room room;
    @Inject FakeImages images;

    @BeforeEach
    void startEmpty() throws SQLException {
        images.reset();
        room.start();
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            s.execute("delete from jobs");
            s.execute("delete from secrets");
        }
        done(secrets.create(Caller.BOOTSTRAP, KEY, new byte[] {'1'}));
        done(secrets.add(Caller.BOOTSTRAP, KEY, new byte[] {'2'}));
        done(secrets.add(Caller.BOOTSTRAP, KEY, new byte[] {'3'}));
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    private static TaskTemplate template(int tasks) {
        return template(tasks, SecretMount.parse("KEY=key:3"), SecretMount.parse("/s/x=key"));
    }

    private static TaskTemplate template(int tasks, SecretMount... secrets) {
        return new TaskTemplate(
                "oci:/nightly",
                JobRequest.NOT_FOUND_YET,
                ContainerSpec.toEnd(
                        List.of("/work"), List.of("-v"), Map.of("A", "b"), List.of(secrets)),
                new Resources(new Cpu(500), DataSize.mebibytes(64)),
                Egress.parse("none"),
                tasks,
                2,
                1,
                Duration.ofHours(24),
                new Metadata(Map.of("a", "b"), Map.of()));
    }

    private static JobRequest request(int tasks, Optional<Schedule> schedule, JobCondition when) {
        return new JobRequest(
                NIGHTLY,
                new Metadata(Map.of(), Map.of("note", "x")),
                template(tasks),
                schedule,
                when);
    }

    private Job deploy(int tasks) {
        return done(jobs.deploy(request(tasks, Optional.empty(), JobCondition.ANY)));
    }

    private Execution run() {
        return done(jobs.run(NIGHTLY, RunOverrides.NONE, JobCondition.ANY));
    }

    private List<Task> open(Execution execution) {
        return done(queue.unfinished(execution.name(), 100));
    }

    private static Outcome outcome(Task.State state, int code) {
        return new Outcome(
                state, Optional.of(code), "exited with status " + code, now(), Optional.empty());
    }

    /** A node that runs it asks by its name as the project qualifies it. */
    @Test
    void wanted_ofAnotherProject_isToldByTheAttemptsName() {
        ProjectName acme = new ProjectName("with-jobs");
        done(projects.create(Caller.BOOTSTRAP, acme));
        JobName name = JobName.of(acme, "nightly");
        done(
                jobs.as(Caller.BOOTSTRAP.in(acme))
                        .deploy(
                                new JobRequest(
                                        name,
                                        new Metadata(Map.of(), Map.of()),
                                        template(1, new SecretMount[0]),
                                        Optional.empty(),
                                        JobCondition.ANY)));
        Execution begun = done(jobs.run(name, RunOverrides.NONE, JobCondition.ANY));
        done(queue.hold("g1", LEASE));
        done(queue.claim("g1", open(begun).getFirst(), "n1", now()));
        RevisionName attempt = open(begun).getFirst().attemptName();
        assertThat(attempt.value()).endsWith("-0-0.with-jobs");
        assertThat(done(queue.wanted(List.of(attempt)))).containsExactly(attempt);
        done(jobs.delete(name, JobCondition.ANY));
        done(projects.delete(Caller.BOOTSTRAP, acme));
    }

    // ---- jobs

    @Test
    void deploy_secretThatIsNotThere_refusedAndNothingStored() {
        for (String wrong : List.of("KEY=none", "KEY=key:4")) {
            JobRequest request =
                    new JobRequest(
                            NIGHTLY,
                            new Metadata(Map.of(), Map.of()),
                            template(1, SecretMount.parse(wrong)),
                            Optional.empty(),
                            JobCondition.ANY);
            HearthException why = failureOf(jobs.deploy(request));
            assertThat(why.reason()).isEqualTo("secret-not-found");
            assertThat(why.sentence()).contains("hearth secrets");
            assertThat(done(jobs.jobs())).isEmpty();
        }
        done(secrets.set(Caller.BOOTSTRAP, KEY, 3, SecretPort.State.DISABLED));
        assertThat(failureOf(jobs.deploy(request(1, Optional.empty(), JobCondition.ANY))).kind())
                .isEqualTo(ErrorKind.FAILED_PRECONDITION);
    }

    @Test
    void deploy_isStoredAndReadAsItWas() {
        Job job = deploy(3);

        assertThat(job.template()).isEqualTo(template(3).of(FakeImages.DIGEST));
        assertThat(job.metadata().annotations()).containsEntry("note", "x");
        assertThat(job.version().generation()).isEqualTo(1);
        assertThat(job.schedule()).isEmpty();
        assertThat(job.nextRun()).isEmpty();
        assertThat(done(jobs.job(NIGHTLY))).isEqualTo(job);
        assertThat(done(jobs.jobs())).containsExactly(job);
        assertThat(images.calls).containsExactly("resolve oci:/nightly", "prefetch oci:/nightly");
    }

    @Test
    void deploy_conditions_areChecked() {
        Job first = done(jobs.deploy(request(1, Optional.empty(), JobCondition.ABSENT)));
        assertThat(
                        failureOf(jobs.deploy(request(1, Optional.empty(), JobCondition.ABSENT)))
                                .reason())
                .isEqualTo("job-exists");
        JobCondition seen = JobCondition.unchanged(first.version().etag());
        Job second = done(jobs.deploy(request(2, Optional.empty(), seen)));
        assertThat(second.version().generation()).isEqualTo(2);
        assertThat(second.createdAt()).isEqualTo(first.createdAt());
        assertThat(failureOf(jobs.deploy(request(3, Optional.empty(), seen))).reason())
                .isEqualTo("job-changed");
        assertThat(failureOf(jobs.delete(NIGHTLY, seen)).reason()).isEqualTo("job-changed");
        done(jobs.delete(NIGHTLY, JobCondition.ANY));
        assertThat(failureOf(jobs.job(NIGHTLY)).reason()).isEqualTo("job-not-found");
    }

    // ---- executions

    @Test
    void run_tasksWait_untilTheyAreClaimedAndEnd() {
        deploy(2);
        Execution begun = run();
        assertThat(begun.name().value()).matches("nightly-[a-z0-9]{5}");
        assertThat(begun.counts()).isEqualTo(new Execution.Counts(2, 0, 0, 0, 0, 0));
        assertThat(done(queue.hold("g1", LEASE))).containsExactly(begun);

        List<Task> open = open(begun);
        assertThat(done(queue.claim("g1", open.get(0), "n1", now()))).isTrue();
        assertThat(done(queue.claim("g1", open.get(0), "n2", now()))).isFalse();
        done(queue.begun("g1", open.get(0), INSTANCE, now()));
        Task running = open(begun).getFirst();
        assertThat(running.state()).isEqualTo(Task.State.RUNNING);
        assertThat(running.node()).isEqualTo("n1");
        assertThat(running.instance()).isEqualTo(INSTANCE.value());
        assertThat(done(jobs.execution(begun.name())).startedAt()).isPresent();
        assertThat(done(queue.wanted(List.of(running.attemptName()))))
                .containsExactly(running.attemptName());

        assertThat(done(queue.ended("g1", running, outcome(Task.State.SUCCEEDED, 0)))).isTrue();
        assertThat(done(queue.ended("g1", running, outcome(Task.State.WAITING, 1)))).isFalse();
        done(queue.finish("g1", begun.name(), now())); // not yet
        assertThat(done(jobs.execution(begun.name())).state()).isEqualTo(Execution.State.RUNNING);

        Task second = open(begun).getFirst();
        assertThat(done(queue.claim("g1", second, "n1", now()))).isTrue();
        assertThat(done(queue.ended("g1", second, outcome(Task.State.WAITING, 7)))).isTrue();
        Task again = open(begun).getFirst();
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(again.state()).isEqualTo(Task.State.WAITING);
        assertThat(again.exitCode()).contains(7);
        assertThat(done(queue.claim("g1", second, "n1", now()))).isFalse(); // an attempt of before
        assertThat(done(queue.claim("g1", again, "n1", now()))).isTrue();
        assertThat(done(queue.ended("g1", again, outcome(Task.State.FAILED, 8)))).isTrue();
        done(queue.finish("g1", begun.name(), now()));

        Execution over = done(jobs.execution(begun.name()));
        assertThat(over.state()).isEqualTo(Execution.State.FAILED);
        assertThat(over.counts()).isEqualTo(new Execution.Counts(0, 0, 1, 1, 0, 1));
        assertThat(over.message()).isEqualTo("1 of 2 tasks failed; task 1 exited with status 8");
        assertThat(over.completedAt()).isPresent();
        assertThat(done(queue.hold("g1", LEASE))).isEmpty();
        Job job = done(jobs.job(NIGHTLY));
        assertThat(job.executions()).isEqualTo(1);
        assertThat(job.latest()).contains(over);
        assertThat(done(jobs.tasks(begun.name(), 1, 10)))
                .extracting(Task::state)
                .containsExactly(Task.State.FAILED);
    }

    @Test
    void ended_toBeTriedAgainLater_comesBehindThoseThatMayBegin() {
        deploy(3);
        Execution begun = run();
        done(queue.hold("g1", LEASE));
        Instant later = now().plusSeconds(60);
        Task first = open(begun).getFirst();
        done(queue.claim("g1", first, "n1", now()));
        Outcome resting =
                new Outcome(
                        Task.State.WAITING, Optional.of(1), "failed", now(), Optional.of(later));
        assertThat(done(queue.ended("g1", first, resting))).isTrue();

        assertThat(open(begun).getFirst().notBefore()).contains(later);
        assertThat(open(begun).getFirst().completedAt()).isEmpty();
        // however few are looked at together, it keeps no other from its turn
        assertThat(done(queue.unfinished(begun.name(), 2)))
                .extracting(Task::index)
                .containsExactly(1, 2);
    }

    @Test
    void unclaim_waitsAgainWithTheSameAttempt() {
        deploy(1);
        Execution begun = run();
        done(queue.hold("g1", LEASE));
        Task task = open(begun).getFirst();
        done(queue.claim("g1", task, "n1", now()));
        done(queue.unclaim("g1", task, "no room"));
        Task waiting = open(begun).getFirst();
        assertThat(waiting.state()).isEqualTo(Task.State.WAITING);
        assertThat(waiting.attempt()).isZero();
        assertThat(waiting.message()).isEqualTo("no room");
    }

    @Test
    void explain_isTheExecutionsMessage_forItsGatewayOnly_untilItIsOver() {
        deploy(1);
        Execution begun = run();
        done(queue.hold("g1", LEASE));
        done(queue.explain("g1", begun.name(), "tasks wait: no room"));
        done(queue.explain("g2", begun.name(), "another"));
        assertThat(done(queue.hold("g1", LEASE)).getFirst().message())
                .isEqualTo("tasks wait: no room");
        done(queue.cancelWaiting("g1", begun.name(), now()));
        done(queue.finish("g1", begun.name(), now()));
        done(queue.explain("g1", begun.name(), "late"));
        assertThat(done(jobs.execution(begun.name())).message()).isEmpty();
    }

    @Test
    void hold_twoGateways_eachExecutionIsOnes() throws InterruptedException {
        deploy(1);
        Execution begun = run();
        assertThat(done(queue.hold("g1", Duration.ofMillis(500)))).hasSize(1);
        assertThat(done(queue.hold("g2", LEASE))).isEmpty();
        Task task = open(begun).getFirst();
        assertThat(done(queue.claim("g2", task, "n1", now()))).isFalse();

        dev.hearth.testing.Eventually.until(
                "the first one's time is up",
                Duration.ofSeconds(60),
                () -> !done(queue.hold("g2", LEASE)).isEmpty());

        assertThat(done(queue.claim("g1", task, "n1", now()))).isFalse();
        assertThat(done(queue.claim("g2", task, "n1", now()))).isTrue();
        done(queue.release("g2"));
        assertThat(done(queue.hold("g1", LEASE))).hasSize(1);
    }

    @Test
    void cancel_waitingTasksAreCancelled() {
        deploy(3);
        Execution begun = run();
        done(queue.hold("g1", LEASE));
        List<Task> open = open(begun);
        done(queue.claim("g1", open.get(0), "n1", now()));

        assertThat(done(jobs.cancel(begun.name())).state()).isEqualTo(Execution.State.CANCELLING);
        assertThat(done(queue.claim("g1", open.get(1), "n1", now()))).isFalse();
        done(queue.cancelWaiting("g1", begun.name(), now()));
        done(queue.ended("g1", open.get(0), outcome(Task.State.CANCELLED, 143)));
        done(queue.finish("g1", begun.name(), now()));

        Execution over = done(jobs.execution(begun.name()));
        assertThat(over.state()).isEqualTo(Execution.State.CANCELLED);
        assertThat(over.counts().cancelled()).isEqualTo(3);
        assertThat(done(jobs.cancel(begun.name()))).isEqualTo(over);
        done(jobs.delete(begun.name()));
        assertThat(failureOf(jobs.execution(begun.name())).reason())
                .isEqualTo("execution-not-found");
    }

    @Test
    void run_tooManyAtATime_isRefused_andWhatRunsIsNotDeleted() {
        deploy(1);
        Execution first = run();
        for (int i = 1; i < 10; i++) {
            run();
        }
        assertThat(failureOf(jobs.run(NIGHTLY, RunOverrides.NONE, JobCondition.ANY)).reason())
                .isEqualTo("too-many-executions");
        assertThat(failureOf(jobs.delete(first.name())).reason()).isEqualTo("execution-running");
        assertThat(done(jobs.executions(NIGHTLY))).hasSize(10);
        done(jobs.delete(NIGHTLY, JobCondition.ANY));
        assertThat(done(queue.hold("g1", LEASE))).isEmpty();
    }

    @Test
    void run_overrides_areTheExecutionsOwn() {
        deploy(1);
        Execution begun =
                done(
                        jobs.run(
                                NIGHTLY,
                                new RunOverrides(
                                        Optional.of(List.of("-q")),
                                        Map.of("C", "d"),
                                        Optional.of(10_000),
                                        Optional.of(Duration.ofMinutes(1))),
                                JobCondition.ANY));
        assertThat(begun.template().container().args()).containsExactly("-q");
        assertThat(begun.template().container().env())
                .containsEntry("A", "b")
                .containsEntry("C", "d");
        assertThat(begun.counts().waiting()).isEqualTo(10_000);
        assertThat(done(jobs.tasks(begun.name(), 9_990, 100))).hasSize(10);
        assertThat(done(jobs.job(NIGHTLY)).template().tasks()).isEqualTo(1);
    }

    // ---- schedules

    @Test
    void trigger_fromManyGatewaysAtOnce_runsOnce() {
        Schedule hourly = Schedule.parse("0 * * * *", "UTC");
        Job job = done(jobs.deploy(request(1, Optional.of(hourly), JobCondition.ANY)));
        Instant due = job.nextRun().orElseThrow();
        assertThat(due).isAfter(Instant.now());
        assertThat(done(queue.due(due.minusSeconds(1)))).isEmpty();
        assertThat(done(queue.due(due))).extracting(Job::name).containsExactly(NIGHTLY);

        Optional<Instant> next = hourly.next(due);
        List<CompletionStage<Optional<Execution>>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(queue.trigger(NIGHTLY, due, next, now()));
        }
        assertThat(all.stream().map(Stages::done).filter(Optional::isPresent)).hasSize(1);

        assertThat(done(jobs.executions(NIGHTLY)))
                .extracting(Execution::scheduledFor)
                .containsExactly(Optional.of(due));
        assertThat(done(jobs.job(NIGHTLY)).nextRun()).isEqualTo(next);
        assertThat(done(queue.due(due))).isEmpty();
    }

    @Test
    void deploy_sameSchedule_keepsItsNextRun_anotherHasAnother() {
        Schedule hourly = Schedule.parse("0 * * * *", "UTC");
        Job first = done(jobs.deploy(request(1, Optional.of(hourly), JobCondition.ANY)));
        Job same = done(jobs.deploy(request(2, Optional.of(hourly), JobCondition.ANY)));
        assertThat(same.nextRun()).isEqualTo(first.nextRun());
        Schedule yearly = Schedule.parse("0 0 1 1 *", "Europe/Berlin");
        Job other = done(jobs.deploy(request(2, Optional.of(yearly), JobCondition.ANY)));
        assertThat(other.schedule()).contains(yearly);
        assertThat(other.nextRun()).isNotEqualTo(first.nextRun());
        assertThat(deploy(1).nextRun()).isEmpty();
    }
}
