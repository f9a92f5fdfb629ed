package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Privileges of a container's processes, and what they see of others. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
class ProcessIsolationTest {
    @RegisterExtension static final AttackedPlatform ATTACKED = new AttackedPlatform();

    private static final String ELEVEN = "00000000800405fb";

    @Test
    void root_hasElevenCapabilitiesAndGainsNone() {
        assertThat(ATTACKED.attempt("/read?/proc/self/status"))
                .contains(
                        "CapInh:\t0000000000000000",
                        "CapPrm:\t" + ELEVEN,
                        "CapEff:\t" + ELEVEN,
                        "CapBnd:\t" + ELEVEN,
                        "CapAmb:\t0000000000000000",
                        "NoNewPrivs:\t1",
                        "Seccomp:\t2");
        assertThat(ATTACKED.attempt("/gain"))
                .containsExactly(
                        "capset-all EPERM", "ambient-sys-admin EPERM", "new-privileges EINVAL");
    }

    @Test
    void setUserId_ofRootsProgram_givesNothing() {
        assertThat(ATTACKED.attempt("/set-user-id"))
                .containsExactly("copy ok", "chmod ok", "euid 10001 capabilities 000000000");
    }

    @Test
    void fileCapabilities_ofAProgram_giveNothing() {
        assertThat(ATTACKED.attempt("/file-capabilities"))
                .containsExactly("copy ok", "setxattr ok", "euid 10001 capabilities 000000000");
    }

    @Test
    void init_neitherItsMemoryNorItsBinaryNorItsRoot() {
        for (String file : List.of("mem", "environ", "maps", "auxv", "syscall")) {
            assertThat(ATTACKED.attempt("/read?/proc/1/" + file).toString())
                    .as(file)
                    .matches("\\[read (EACCES|EPERM)]");
        }
        for (String link : List.of("exe", "root", "cwd", "fd/3", "ns/mnt", "ns/net")) {
            assertThat(ATTACKED.attempt("/readlink?/proc/1/" + link))
                    .as(link)
                    .containsExactly("readlink EACCES");
        }
        assertThat(ATTACKED.attempt("/list?/proc/1/root/")).containsExactly("list EACCES");
        assertThat(ATTACKED.attempt("/list?/proc/1/fd")).containsExactly("list EACCES");
        for (int number = 0; number < 10; number++) { // guessed, then
            assertThat(ATTACKED.attempt("/open-write?/proc/1/fd/" + number))
                    .as("descriptor %d", number)
                    .containsExactly("open EACCES");
        }
        assertThat(ATTACKED.attempt("/open-write?/proc/1/exe")).containsExactly("open EACCES");
        assertThat(ATTACKED.attempt("/open-write?/proc/1/mem")).containsExactly("open EACCES");
        assertThat(ATTACKED.attempt("/read?/proc/1/cmdline").toString())
                .contains("hearth-init")
                .doesNotContain(ATTACKED.platform().data.toString());
    }

    @Test
    void ownBinary_whileItRuns_notWritten() {
        // the command's own program, as that of every container: its layer is shared with others
        assertThat(ATTACKED.attempt("/open-write?/proc/self/exe")).containsExactly("open ETXTBSY");
        assertThat(ATTACKED.attempt("/readlink?/proc/self/exe")).containsExactly("/bin/probe");
    }

    @Test
    void processes_ofOthers_notSeen() {
        assertThat(ATTACKED.attempt("/processes"))
                .allMatch(l -> l.matches("\\d+ \\((hearth-init|probe)\\) [RSZ]"))
                .anyMatch(l -> l.startsWith("1 (hearth-init)"));
    }

    @Test
    void descriptors_threeAndNoMore() {
        assertThat(ATTACKED.attempt("/descriptors")).containsExactly("0 1 2");
        assertThat(ATTACKED.attempt("/readlink?/proc/self/fd/0")).containsExactly("/dev/null");
    }

    @Test
    void directory_isInsideAsTheImageSays() {
        assertThat(ATTACKED.attempt("/directory")).containsExactly("/srv");
    }

    @Test
    void limits_setAndNotRaised() {
        assertThat(ATTACKED.attempt("/limits"))
                .contains("core 0 0", "memlock 65536 65536")
                .anyMatch(l -> l.matches("nofile (\\d+) \\1"))
                .filteredOn(l -> l.startsWith("raise"))
                .containsExactly("raise EPERM", "raise EPERM", "raise EPERM");
    }

    @Test
    void abstractSocket_ofTheHost_notReached() throws Exception {
        String name = "hearth-test-" + ProcessHandle.current().pid();
        Process listener =
                new ProcessBuilder(ATTACKED.program().toString(), "/listen-abstract", name).start();
        try (var said = listener.inputReader()) {
            assertThat(said.readLine()).isEqualTo("listen ok");
            Platform.Result onTheHost =
                    Platform.run(List.of(ATTACKED.program().toString(), "/connect-abstract", name));
            assertThat(onTheHost.out()).isEqualTo("connect ok\n");
            assertThat(ATTACKED.attempt("/connect-abstract?" + name))
                    .containsExactly("connect ECONNREFUSED");
            assertThat(ATTACKED.attempt("/read?/proc/net/unix").toString()).doesNotContain(name);
        } finally {
            listener.destroy();
            listener.waitFor();
        }
    }

    @Test
    void daemon_whenTheCommandEnds_endsToo() throws Exception {
        String name = "dmn" + ProcessHandle.current().pid();
        assertThat(ATTACKED.attempt("/daemon?" + name)).containsExactly("daemon ok");
        assertThat(runs(name)).isTrue();
        ATTACKED.get("/end"); // process 1 of a plain container would be gone, and its children not
        Eventually.until("the daemon is gone", Duration.ofSeconds(10), () -> !runs(name));
    }

    private static boolean runs(String name) {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(p -> p.getFileName().toString().matches("\\d+"))
                    .anyMatch(p -> text(p.resolve("comm")).equals(name + "\n"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException gone) {
            return "";
        }
    }

    @Test
    void rootInside_onTheHost_isAnUnprivilegedUser() throws Exception {
        String map = String.join("", ATTACKED.attempt("/read?/proc/self/uid_map")).strip();
        Assumptions.assumeFalse(
                map.matches("0\\s+0\\s+4294967295"), "this platform makes no user namespaces");
        assertThat(map).matches("0\\s+[1-9]\\d*\\s+\\d+");
        long outside = Long.parseLong(map.split("\\s+")[1]);
        assertThat(outside).isGreaterThanOrEqualTo(65_536);
        for (String child : children(ATTACKED.initOnHost())) {
            String status = text(Path.of("/proc", child, "status"));
            assertThat(status).contains("Uid:\t" + outside + "\t" + outside);
        }
    }

    private static List<String> children(long pid) {
        String all = text(Path.of("/proc/" + pid + "/task/" + pid + "/children"));
        assertThat(all).isNotBlank();
        return List.of(all.strip().split(" "));
    }
}
