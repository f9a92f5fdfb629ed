package dev.hearth.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLogsTest {
    private static final ServiceName HELLO = new ServiceName("hello");

    @TempDir Path directory;
    private InstanceLogs logs;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        logs = new InstanceLogs(directory, 1000);
        file = logs.create(HELLO, new RevisionName("hello-00001-abc"), InstanceId.of(1));
        Files.writeString(file, "");
    }

    private void print(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static List<String> texts(LogPage page) {
        return page.lines().stream().map(LogPage.Line::text).toList();
    }

    @Test
    void page_cursorHandedBack_goesOnWithoutLossOrRepeat() throws IOException {
        print("one\ntwo\nhal");
        LogPage first = logs.page(HELLO, "", 10);
        assertThat(texts(first)).containsExactly("one", "two");
        assertThat(first.lines().getFirst().instance()).isEqualTo(InstanceId.of(1).value());
        print("f\nthree\n");
        LogPage second = logs.page(HELLO, first.cursor(), 10);
        assertThat(texts(second)).containsExactly("half", "three");
        assertThat(logs.page(HELLO, second.cursor(), 10).lines()).isEmpty();
    }

    @Test
    void page_first_onlyTheLastLines() throws IOException {
        print("1\n2\n3\n4\n");
        assertThat(texts(logs.page(HELLO, "", 2))).containsExactly("3", "4");
    }

    @Test
    void page_serviceThatNeverRan_empty() throws IOException {
        assertThat(logs.page(new ServiceName("other"), "", 5).lines()).isEmpty();
    }

    @Test
    void page_cursorOfSomebodysMaking_refused() {
        assertThatThrownBy(() -> logs.page(HELLO, "v1,../../etc/passwd", 5))
                .isInstanceOf(HearthException.class);
    }

    @Test
    void trim_overTheBound_lastHalfIsKeptBesideIt() throws IOException {
        print("x".repeat(1200) + "\nlast\n");
        LogPage before = logs.page(HELLO, "", 5);
        logs.trim(Set.of());
        assertThat(Files.size(file)).isZero();
        assertThat(Files.readString(Path.of(file + ".1"))).endsWith("last\n").hasSize(500);
        print("after\n");
        assertThat(texts(logs.page(HELLO, before.cursor(), 5))).containsExactly("after");
    }

    @Test
    void trim_whileItIsWrittenTo_eachTime() throws IOException {
        logs.trim(Set.of(HELLO));
        print("x".repeat(1200));
        logs.trim(Set.of(HELLO));
        assertThat(Files.size(file)).isZero();
    }

    @Test
    void trim_writtenToUntilNow_onceMore() throws IOException {
        logs.trim(Set.of(HELLO));
        print("x".repeat(1200));
        logs.trim(Set.of());
        assertThat(Files.size(file)).isZero();
    }

    @Test
    void trim_nobodyWrites_notLookedAt() throws IOException {
        logs.trim(Set.of());
        logs.trim(Set.of());
        print("x".repeat(1200));
        logs.trim(Set.of());
        assertThat(Files.size(file)).isEqualTo(1200);
    }

    @Test
    void trim_leftByTheOneBefore_lookedAtOnce() throws IOException {
        print("x".repeat(1200));
        new InstanceLogs(directory, 1000).trim(Set.of());
        assertThat(Files.size(file)).isZero();
    }

    @Test
    void trim_manyInstances_theNewestAreKept() throws Exception {
        for (int i = 2; i < 70; i++) {
            Files.writeString(
                    logs.create(HELLO, new RevisionName("hello-00001-abc"), InstanceId.of(i)),
                    "x\n");
        }
        logs.trim(Set.of());
        try (Stream<Path> left = Files.list(directory.resolve("hello"))) {
            assertThat(left.count()).isEqualTo(50);
        }
    }
}
