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
    void page_containerThatPrintsEmptyLines_noMoreThanAreWantedAndNoneIsLost() throws IOException {
        print("\n".repeat(1 << 20)); // a million lines, in a megabyte
        assertThat(logs.page(HELLO, "", 200).lines()).hasSize(200);
        LogPage page = logs.page(HELLO, "v1", 10_000);
        int seen = page.lines().size();
        assertThat(seen).isEqualTo(10_000);
        page = logs.page(HELLO, page.cursor(), 3);
        assertThat(page.lines()).hasSize(3);
        print("after\r\nthat\rall\n");
        int left = (1 << 20) - seen - 3;
        while (left > 0) {
            page = logs.page(HELLO, page.cursor(), Math.min(left, 10_000));
            assertThat(texts(page)).hasSizeLessThanOrEqualTo(10_000).containsOnly("");
            left -= page.lines().size();
        }
        page = logs.page(HELLO, page.cursor(), 2);
        assertThat(texts(page)).containsExactly("after", "that");
        assertThat(texts(logs.page(HELLO, page.cursor(), 2))).containsExactly("all");
        assertThat(texts(logs.page(HELLO, "", 2))).containsExactly("that", "all");
    }

    @Test
    void page_manyInstancesThatPrintMuch_boundedInAll() throws IOException {
        for (int i = 2; i < 12; i++) {
            Path one = logs.create(HELLO, new RevisionName("hello-00001-abc"), InstanceId.of(i));
            Files.writeString(one, ("x".repeat(1023) + "\n").repeat(1024));
        }
        LogPage first = logs.page(HELLO, "", 10_000);
        assertThat(characters(first)).isBetween(1L << 20, 2L << 20);
        LogPage page = logs.page(HELLO, "v1", 10_000);
        long seen = 0;
        while (!page.lines().isEmpty()) {
            assertThat(characters(page)).isLessThanOrEqualTo(3L << 20);
            seen += page.lines().size();
            page = logs.page(HELLO, page.cursor(), 10_000);
        }
        assertThat(seen).isEqualTo(10 * 1024);
    }

    private static long characters(LogPage page) {
        return page.lines().stream().mapToLong(line -> line.text().length()).sum();
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
    void trim_oneCannotBe_othersAreAndItIsLookedAtAgain() throws IOException {
        Path inTheWay = Files.createDirectories(directory.resolve("broken/i-1.log"));
        print("x".repeat(1200));
        assertThatThrownBy(() -> logs.trim(Set.of())).isInstanceOf(IOException.class);
        assertThat(Files.size(file)).isZero();
        Files.delete(inTheWay);
        Files.writeString(inTheWay, "x".repeat(1200));
        logs.trim(Set.of());
        assertThat(Files.size(inTheWay)).isZero();
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
