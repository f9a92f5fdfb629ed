package dev.hearth.runtime.note;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.runtime.net.InstanceNetwork;
import dev.hearth.testing.Revisions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstanceNoteTest {
    private static InstanceNote note() {
        RevisionSpec r = Revisions.of("hello", 80, 3);
        RevisionSpec secret =
                r.withContainer(
                        new ContainerSpec(
                                List.of("/serve"),
                                List.of("-k"),
                                Map.of("KEY", "s3cret"),
                                9000,
                                false,
                                List.of(),
                                Probes.parse("", "http:/health,period=2s")));
        return InstanceNote.of(
                InstanceId.of(7),
                secret,
                "s12",
                new InstanceNetwork.Link("habcdef-4", (10 << 24) | (83 << 16) | 8),
                Path.of("/data/logs/hello.log"),
                Instant.parse("2026-01-01T00:00:00.123456789Z"));
    }

    @Test
    void parse_whatWasWritten_isTheSame() throws IOException {
        byte[] bytes = note().toBytes();
        assertThat(InstanceNote.parse(bytes)).isEqualTo(note());
        assertThat(bytes.length).isLessThan(InstanceNote.MOST_BYTES / 10);
        assertThat(note().revision().container().port()).isEqualTo(9000);
        assertThat(note().revision().container().probes().livenessText())
                .isEqualTo("http:/health,period=2s");
    }

    @Test
    void toBytes_environmentAndCommand_stayOut() {
        assertThat(new String(note().toBytes(), StandardCharsets.UTF_8))
                .doesNotContain("s3cret")
                .doesNotContain("/serve");
    }

    @Test
    void parse_anotherVersionOrNoNote_refused() {
        String text = new String(note().toBytes(), StandardCharsets.UTF_8);
        for (String bad :
                List.of(
                        text.replace("\"version\":4", "\"version\":5"),
                        text.replace("\"cgroup\"", "\"group\""),
                        text.replace("i-haaaaaaaaaaa", "i-h"),
                        text.substring(0, 20),
                        "null",
                        "")) {
            assertThatThrownBy(() -> InstanceNote.parse(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(IOException.class);
        }
    }
}
