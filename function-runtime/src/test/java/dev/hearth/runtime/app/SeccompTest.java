package dev.hearth.runtime.app;

import static dev.hearth.runtime.app.ProbeNode.attempt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.StartedInstance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same attempts under Hearth's filter, under an operator's and under none: what the filter
 * refuses would otherwise have reached the kernel.
 */
@Tag("root")
class SeccompTest {
    /** Calls that an unprivileged process may make where nothing filters. */
    private static final List<String> OPEN_WITHOUT_FILTER =
            List.of(
                    "add_key",
                    "get_mempolicy",
                    "io_uring_setup",
                    "keyctl",
                    "mbind",
                    "process_vm_readv",
                    "ptrace",
                    "request_key",
                    "sysfs",
                    "ustat");

    @TempDir Path data;

    @Test
    void forbiddenCalls_underHearthsProfile_noneReachesTheKernel() throws Exception {
        try (ProbeNode node = new ProbeNode(data, "")) {
            StartedInstance probe = node.start("probe", true);
            assertThat(attempt(probe, "/forbidden"))
                    .hasSizeGreaterThan(60)
                    .contains("clone3 ENOSYS")
                    .allMatch(l -> l.endsWith(" EPERM") || l.equals("clone3 ENOSYS"));
            assertThat(attempt(probe, "/foreign")).hasSize(4).allMatch(SeccompTest::isKilled);
            assertThat(attempt(probe, "/")).containsExactly("here");
        }
    }

    @Test
    void forbiddenCalls_unconfined_reachTheKernel() throws Exception {
        try (ProbeNode node = new ProbeNode(data, "unconfined")) {
            StartedInstance probe = node.start("probe", true);
            List<String> told = attempt(probe, "/forbidden");
            for (String call : OPEN_WITHOUT_FILTER) {
                assertThat(told).noneMatch(l -> l.equals(call + " EPERM"));
            }
            assertThat(told).doesNotContain("clone3 ENOSYS");
            assertThat(attempt(probe, "/namespaces")).contains("unshare-user ok", "clone-user ok");
            assertThat(attempt(probe, "/personality")).contains("no-randomize ok");
            assertThat(attempt(probe, "/foreign")).noneMatch(l -> l.endsWith("SIGSYS"));
        }
    }

    @Test
    void profile_ofAnOperator_isTheOneInForce() throws Exception {
        Path profile = data.resolve("profile.json");
        Files.writeString(
                profile,
                """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
                 "syscalls": [
                   {"names": ["personality", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}
                """);
        try (ProbeNode node = new ProbeNode(data, profile.toString())) {
            StartedInstance probe = node.start("probe", true);
            assertThat(attempt(probe, "/personality")).contains("ask EACCES", "linux EACCES");
            assertThat(attempt(probe, "/namespaces")).contains("unshare-user ok");
            assertThat(attempt(probe, "/foreign")).hasSize(4).allMatch(SeccompTest::isKilled);
            assertThat(data.resolve("run/launcher.log"))
                    .content()
                    .contains("1 system calls of the seccomp profile", "no_such_call");
        }
    }

    @Test
    void profile_unusable_nothingStarts() throws IOException {
        Path profile = Files.writeString(data.resolve("profile.json"), "{}");
        assertThatThrownBy(() -> new ProbeNode(data, profile.toString()))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
                            assertThat(e.reason()).isEqualTo("seccomp-profile");
                        });
        assertThat(data.resolve("run/launcher.sock")).doesNotExist();
    }

    @Test
    void launcher_runsFromSealedMemory() throws Exception {
        try (ProbeNode node = new ProbeNode(data, "")) {
            Path launcher = node.launcher();
            Path binary = data.resolve("run/hearth-launcher");
            byte[] before = Files.readAllBytes(binary);
            assertThat(Files.readSymbolicLink(launcher.resolve("exe")).toString())
                    .startsWith("/memfd:hearth-launcher");
            assertThat(Files.readString(launcher.resolve("comm"))).isEqualTo("hearth-launcher\n");
            assertThat(output(node.program, "/seals", launcher.resolve("exe").toString()))
                    .isEqualTo("seals 15\n"); // seal, shrink, grow, write
            // the launcher as the container's command, which then holds its own binary
            assertThatThrownBy(() -> node.start("self", true, "/proc/self/exe", "/open"))
                    .cause()
                    .hasMessageContaining("exited with status 2");
            assertThat(Files.readAllBytes(binary)).isEqualTo(before);
        }
    }

    @Test
    void user_otherThanRoot_hasNoCapabilityAndGainsNone() throws Exception {
        try (ProbeNode node = new ProbeNode(data, "")) {
            StartedInstance probe = node.start("user", false);
            assertThat(attempt(probe, "/effective"))
                    .containsExactly("euid 10001 capabilities 000000000");
            assertThat(attempt(probe, "/read?/proc/self/status"))
                    .contains(
                            "CapInh:\t0000000000000000",
                            "CapPrm:\t0000000000000000",
                            "CapEff:\t0000000000000000",
                            "CapBnd:\t00000000800405fb",
                            "CapAmb:\t0000000000000000",
                            "NoNewPrivs:\t1",
                            "Seccomp:\t2",
                            "Seccomp_filters:\t1");
            assertThat(attempt(probe, "/gain"))
                    .containsExactly(
                            "capset-all EPERM", "ambient-sys-admin EPERM", "new-privileges EINVAL");
            assertThat(attempt(probe, "/create?/file")).containsExactly("create EACCES");
            assertThat(attempt(probe, "/create?/tmp/file")).containsExactly("create ok");
        }
    }

    @Test
    void stop_termIgnored_killedAfterTheGrace() throws Exception {
        try (ProbeNode node = new ProbeNode(data, "")) {
            StartedInstance probe = node.start("deaf", true);
            assertThat(attempt(probe, "/ignore-term")).containsExactly("ignore ok");
            node.stop(probe);
            assertThat(node.instances()).isEmpty();
        }
    }

    /** A kernel without 32-bit emulation has no gate at int 0x80: the processor faults there. */
    private static boolean isKilled(String told) {
        return told.endsWith(" SIGSYS") || (told.startsWith("int80-") && told.endsWith(" SIGSEGV"));
    }

    private static String output(Path program, String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).start();
        String text =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        process.waitFor();
        return text;
    }
}
