package dev.hearth.runtime.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The numbers of protocol.h and of the Java side are the same. */
class LauncherProtocolTest {
    private static Map<String, Long> header() throws Exception {
        String text = Files.readString(Path.of("src/main/c/protocol.h"));
        Map<String, Long> numbers = new HashMap<>();
        Matcher m =
                Pattern.compile("(?:#define\\s+)?(HL_\\w+)\\s*=?\\s+(0x[0-9a-f]+|\\d+)u?\\b")
                        .matcher(text);
        while (m.find()) {
            numbers.put(m.group(1), Long.decode(m.group(2)));
        }
        Matcher sizes = Pattern.compile("sizeof\\(struct (\\w+)\\) == (\\d+)").matcher(text);
        while (sizes.find()) {
            numbers.put(sizes.group(1), Long.parseLong(sizes.group(2)));
        }
        return numbers;
    }

    @Test
    void messages_sameNumbers() throws Exception {
        assertThat(header())
                .containsEntry("HL_MAGIC", (long) LauncherMessage.MAGIC)
                .containsEntry("HL_VERSION", (long) LauncherMessage.VERSION)
                .containsEntry("HL_HELLO", (long) LauncherMessage.HELLO)
                .containsEntry("HL_PREPARE", (long) LauncherMessage.PREPARE)
                .containsEntry("HL_START", (long) LauncherMessage.START)
                .containsEntry("HL_SHUTDOWN", (long) LauncherMessage.SHUTDOWN)
                .containsEntry("HL_NOTE", (long) LauncherMessage.NOTE)
                .containsEntry("HL_LIST", (long) LauncherMessage.LIST)
                .containsEntry("HL_ADOPT", (long) LauncherMessage.ADOPT)
                .containsEntry("HL_WELCOME", (long) LauncherMessage.WELCOME)
                .containsEntry("HL_PREPARED", (long) LauncherMessage.PREPARED)
                .containsEntry("HL_STARTED", (long) LauncherMessage.STARTED)
                .containsEntry("HL_FAILED", (long) LauncherMessage.FAILED)
                .containsEntry("HL_EXITED", (long) LauncherMessage.EXITED)
                .containsEntry("HL_SLOT", (long) LauncherMessage.SLOT)
                .containsEntry("HL_LISTED", (long) LauncherMessage.LISTED)
                .containsEntry("HL_ADOPTED", (long) LauncherMessage.ADOPTED)
                .containsEntry("hl_message", (long) LauncherMessage.BYTES)
                .containsEntry("HL_SPEC_MAGIC", (long) ProcessSpec.MAGIC)
                .containsEntry("HL_SPEC_MAX_GROUPS", (long) ProcessSpec.MOST_GROUPS)
                .containsEntry("HL_SPEC_MAX_FILES", (long) ProcessSpec.MOST_FILES)
                .containsEntry("hl_spec", (long) ProcessSpec.HEADER_BYTES);
    }

    @Test
    void steps_sameNumbersAndNoneMissing() throws Exception {
        Map<String, Long> header = header();
        for (StartStep step : StartStep.values()) {
            assertThat(header).containsEntry("HL_STEP_" + step.name(), (long) step.number());
        }
        assertThat(header.keySet().stream().filter(k -> k.startsWith("HL_STEP_")))
                .hasSize(StartStep.values().length);
    }
}
