package dev.hearth.runtime.app;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What instances see of their secrets, and nobody else; against the real kernel. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsTest {
    private static final String SERVE = "; exec httpd -f -p $PORT -h /www";

    @TempDir static Path data;
    @TempDir static Path host;
    private NodeAgent agent;

    @BeforeAll
    void startAgent() throws IOException {
        BusyboxNode.prepare(data);
        Path base = data.resolve("images/layers/base");
        Files.createDirectories(base.resolve("run"));
        Files.createDirectories(base.resolve("var"));
        Files.createDirectories(base.resolve("keys"));
        Files.writeString(base.resolve("keys/of-the-image"), "hidden\n");
        Files.createSymbolicLink(base.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(base.resolve("outside"), host);
        agent = BusyboxNode.agentAs(data, "app");
        agent.start();
    }

    @AfterAll
    void stopAgent() throws IOException {
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    private static SecretValues values(String... targetsAndValues) {
        List<SecretValues.Value> all =
                Arrays.stream(targetsAndValues)
                        .map(pair -> pair.split("=", 2))
                        .map(
                                pair ->
                                        new SecretValues.Value(
                                                pair[0], pair[1].getBytes(StandardCharsets.UTF_8)))
                        .collect(Collectors.toList());
        return new SecretValues(all);
    }

    private String log(String service) {
        return agent.logs(new ServiceName(service), "", 1000).lines().stream()
                .map(LogPage.Line::text)
                .collect(Collectors.joining("\n"));
    }

    /** What an instance with these secrets says. */
    private String said(String service, String command, SecretValues secrets) throws Exception {
        RevisionSpec revision = BusyboxNode.revision(service, command + "; echo over" + SERVE);
        StartedInstance started = agent.start(revision, secrets).toCompletableFuture().get();
        until(() -> log(service).contains("over"));
        agent.stop(started.id(), StopReason.REQUESTED).toCompletableFuture().get();
        return log(service);
    }

    @Test
    void variable_isSeenByTheCommand_andWinsOverAnother() throws Exception {
        String said =
                said(
                        "variable",
                        "echo \"password=$PASSWORD path=$PATH\"",
                        values("PASSWORD=s3cret ä", "PATH=/bin"));

        assertThat(said).contains("password=s3cret ä path=/bin");
    }

    @Test
    void files_areTheUsersOnly_inMemory_andReadOnly() throws Exception {
        String said =
                said(
                        "files",
                        "id -u; cat /keys/a /keys/b /made/for/it/c; ls -lna /keys;"
                                + " (echo x > /keys/a) 2>&1; (echo x > /keys/new) 2>&1;"
                                + " cat /proc/self/mountinfo; cat /keys/of-the-image 2>&1",
                        values("/keys/a=first\n", "/keys/b=second\n", "/made/for/it/c=third\n"));

        assertThat(said).contains("1234\nfirst\nsecond\nthird");
        assertThat(said).containsPattern("-r-------- +1 1234 +1235 +6 .* a\n");
        assertThat(said).containsPattern("dr-x------ +2 1234 +1235 ");
        assertThat(said.lines().filter(l -> l.contains("can't create"))).hasSize(2);
        assertThat(said).containsPattern(" /keys ro,nosuid,nodev,noexec.* - ramfs ");
        assertThat(said).containsPattern(" /made/for/it ro,nosuid,nodev,noexec.* - ramfs ");
        assertThat(said).doesNotContain("hidden");
    }

    /** As the container would see the path, and never out of it. */
    @Test
    void files_belowALinkOfTheImage_stayInTheContainer() throws Exception {
        String said = said("links", "cat /run/app/key", values("/var/run/app/key=linked"));
        assertThat(said).contains("linked");

        RevisionSpec out = BusyboxNode.revision("out", SERVE.substring(2));
        assertThatThrownBy(
                        () ->
                                agent.start(out, values("/outside/keys/a=escaped"))
                                        .toCompletableFuture()
                                        .get())
                .hasCauseInstanceOf(HearthException.class)
                .hasMessageContaining("mounting its secrets");
        assertThat(host).isEmptyDirectory();
    }

    /** What is loaded ahead has been told already, so it is not used, and nothing is loaded. */
    @Test
    void starts_oneAfterTheOther_eachWithTheValueOfItsTime() throws Exception {
        for (String value : List.of("one", "two", "three")) {
            String said = said("again", "echo \"is $VALUE\"", values("VALUE=" + value));
            assertThat(said).contains("is " + value);
        }
    }

    @Test
    void values_areNotOnTheDisk_norInTheNoteOrALog() throws Exception {
        String needle = "n3edle-of-the-test";
        RevisionSpec revision = BusyboxNode.revision("needle", "sleep 0" + SERVE);
        StartedInstance started =
                agent.start(revision, values("A=" + needle, "/keys/b=" + needle))
                        .toCompletableFuture()
                        .get();
        Process grep =
                new ProcessBuilder("grep", "-rlF", "--", needle, data.toString())
                        .redirectErrorStream(true)
                        .start();
        String found = new String(grep.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        agent.stop(started.id(), StopReason.REQUESTED).toCompletableFuture().get();

        assertThat(found).isEmpty();
    }
}
