package dev.hearth.runtime.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.runtime.machine.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The fuzz targets of src/fuzz/c, built with the address and undefined-behaviour sanitizers and run
 * for a few seconds each: long enough to meet every message once, and what an hour found before.
 */
@Tag("fuzz")
class LauncherFuzzTest {
    private static final Path SOURCES = Path.of("src/fuzz/c").toAbsolutePath();
    private static final Path OUT = Path.of("target/fuzz").toAbsolutePath();
    private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs");

    @Test
    void specParse_anyBytes_staysWithinThem() throws Exception {
        fuzz("spec");
    }

    @Test
    void wireReceive_garbageTruncationAndFloods_losesNoDescriptor() throws Exception {
        fuzz("wire");
    }

    @Test
    void launcher_anyOrderOfMessagesAndDeaths_keepsItsBooks() throws Exception {
        fuzz("launcher");
    }

    private static void fuzz(String target) throws Exception {
        Programs.need("clang", "clang libclang-rt-dev");
        Programs.need("make", "make");
        Files.createDirectories(OUT);
        String said = Programs.run(SOURCES, "make", "-s", "OUT=" + OUT, "TIME=6", "run-" + target);
        Matcher runs = RUNS.matcher(said);
        assertThat(runs.find()).as(said).isTrue();
        System.out.println("fuzz target " + target + ": " + runs.group(1) + " inputs");
        assertThat(Long.parseLong(runs.group(1))).isPositive();
    }
}
