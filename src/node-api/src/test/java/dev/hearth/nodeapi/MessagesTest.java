package dev.hearth.nodeapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort;
import dev.hearth.nodeapi.v1.Exit;
import dev.hearth.nodeapi.v1.Revision;
import dev.hearth.nodeapi.v1.StartRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MessagesTest {
    private static final Instant AT = Instant.parse("2026-11-28T19:00:00.123456Z");

    /** Nothing in it is what an absent field would be. */
    private static final RevisionSpec REVISION =
            new RevisionSpec(
                    new RevisionName("hello-00001-abc"),
                    new ServiceName("hello"),
                    "example.com/hello:1",
                    Digest.sha256("a".repeat(64)),
                    new ContainerSpec(
                            List.of("/bin/a", "b c"),
                            List.of("d", ""),
                            Map.of("E", "ä=\n"),
                            81,
                            true,
                            List.of(),
                            Probes.parse("http:/health,period=2s", "grpc:a.B,port=9000")),
                    new Resources(new Cpu(250), new Cpu(1500), DataSize.mebibytes(96)),
                    new Scaling(
                            7,
                            1,
                            9,
                            Duration.ofSeconds(11),
                            ScalingRules.parse("target=3,window=20s")),
                    Egress.parse("10.0.0.0/8,192.168.1.0/24"),
                    new RequestPolicy(
                            Duration.ofSeconds(77),
                            true,
                            RateLimit.parse("10/s"),
                            RateLimit.parse("3/m,burst=2")),
                    AT);

    @Test
    void revision_comesBackAsItWas() throws Exception {
        byte[] sent = Messages.of(REVISION).toByteArray();
        assertThat(Messages.revision(Revision.parseFrom(sent))).isEqualTo(REVISION);
    }

    @Test
    void secrets_comeBackAsTheyWere_andAreInNoText() throws Exception {
        SecretValues sent =
                new SecretValues(
                        List.of(
                                new SecretValues.Value("A", new byte[] {'x', 'y', 'z', 'z', 'y'}),
                                new SecretValues.Value("/keys/b", new byte[] {0, -1})));
        StartRequest message = StartRequest.newBuilder().addAllSecrets(Messages.of(sent)).build();
        SecretValues got =
                Messages.secrets(StartRequest.parseFrom(message.toByteArray()).getSecretsList());
        assertThat(got.all())
                .extracting(SecretValues.Value::target)
                .containsExactly("A", "/keys/b");
        assertThat(got.all().get(0).bytes()).containsExactly('x', 'y', 'z', 'z', 'y');
        assertThat(got.all().get(1).bytes()).containsExactly(0, -1);
        assertThat(got.toString() + got.all()).doesNotContain("xyzzy");
    }

    /** What is added to a revision has to be added to its message as well. */
    @Test
    void revision_everyFieldOfItsMessageIsSet() {
        Revision message = Messages.of(REVISION);
        assertThat(message.getAllFields()).hasSameSizeAs(Revision.getDescriptor().getFields());
    }

    @Test
    void revisionThatCannotBe_isRefused() {
        Revision wrong = Messages.of(REVISION).toBuilder().setPort(65_536).build();
        assertThatThrownBy(() -> Messages.revision(wrong))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("invalid-port"));
    }

    @Test
    void instanceAndTimings_comeBackAsTheyWere() {
        InstanceView view =
                new InstanceView(
                        new InstanceId("i-aaaaaaaaaaab"),
                        REVISION.name(),
                        REVISION.service(),
                        "idle",
                        "10.1.2.3",
                        8080,
                        42,
                        AT,
                        250,
                        4096,
                        "node-1");
        assertThat(Messages.view(Messages.of(view, "g", -5), "node-1")).isEqualTo(view);
        StartTimings timings = new StartTimings(AT, 1, 2, 3, 4, 5);
        assertThat(Messages.timings(Messages.of(timings))).isEqualTo(timings);
    }

    @Test
    void exits_comeBackAsTheyWere() {
        for (ExitCause cause :
                List.of(
                        new ExitCause.Exited(3),
                        new ExitCause.Killed(9),
                        new ExitCause.OutOfMemory(1000, 1001),
                        new ExitCause.Unwatched(),
                        new ExitCause.NotStarted("there is no such command"),
                        new ExitCause.Stopped(StopReason.REPLACED))) {
            InstanceExit exit =
                    new InstanceExit(new InstanceId("i-aaaaaaaaaaab"), REVISION.name(), cause, AT);
            assertThat(Messages.exit(Messages.of(exit))).isEqualTo(exit);
        }
    }

    @Test
    void taskReports_comeBackAsTheyWere() {
        TaskPort.Report running =
                new TaskPort.Report(
                        new RevisionName("nightly-abcde-7-1"),
                        Optional.empty(),
                        500,
                        4096,
                        AT,
                        1234,
                        Optional.empty());
        assertThat(Messages.report(Messages.of(running))).isEqualTo(running);
        TaskPort.Report ended =
                new TaskPort.Report(
                        running.attempt(),
                        Optional.of(new InstanceId("i-aaaaaaaaaaab")),
                        500,
                        4096,
                        AT,
                        5678,
                        Optional.of(new TaskPort.Ending(new ExitCause.Exited(3), AT)));
        assertThat(Messages.report(Messages.of(ended))).isEqualTo(ended);
    }

    /** A node of the next release may have reasons that this one does not know. */
    @Test
    void exitForALaterReleasesReason_isAnExitAllTheSame() {
        Exit later =
                Exit.newBuilder()
                        .setInstance("i-aaaaaaaaaaab")
                        .setRevision("hello-00001-abc")
                        .setStopped("EVAPORATED")
                        .build();
        assertThat(Messages.exit(later).cause())
                .isEqualTo(new ExitCause.Stopped(StopReason.REQUESTED));
        assertThat(Messages.exit(later.toBuilder().clearStopped().build()).cause())
                .isEqualTo(new ExitCause.Unwatched());
    }

    @ParameterizedTest
    @EnumSource
    void failures_comeBackAsTheyWere(ErrorKind kind) {
        HearthException told =
                Failures.from(
                        Failures.of(
                                new HearthException(
                                        kind, "some-reason", "What happened.", List.of("a", "b"))),
                        "node-1");
        assertThat(told.kind()).isEqualTo(kind);
        assertThat(told.reason()).isEqualTo("some-reason");
        assertThat(told.sentence()).isEqualTo("What happened.");
        assertThat(told.details()).containsExactly("a", "b");
    }

    @Test
    void failureOfTheWay_isTheNodesAbsence() {
        Throwable cut = io.grpc.Status.UNAVAILABLE.asRuntimeException();
        assertThat(Failures.isOfTheWay(cut)).isTrue();
        assertThat(Failures.from(cut, "node-1").reason()).isEqualTo("node-unreachable");
        assertThat(Failures.from(cut, "node-1").sentence()).contains("node-1");
        assertThat(
                        Failures.isOfTheWay(
                                Failures.of(HearthException.invalid("invalid-port", "port 0"))))
                .isFalse();
    }

    @Test
    void clusterToken_shortOnesAreRefused() {
        assertThatThrownBy(() -> new ClusterToken("secret")).hasMessageContaining("openssl rand");
        ClusterToken token = new ClusterToken("s".repeat(32));
        assertThat(token.is("s".repeat(32))).isTrue();
        assertThat(token.is("s".repeat(33))).isFalse();
        assertThat(token.is("")).isFalse();
    }
}
