package dev.hearth.runtime.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Profiles become the launcher's lines, or are refused with every reason. */
class SeccompRulesTest {
    /** What a start needs, in alphabetical order. */
    private static final List<String> NEEDED =
            List.of(
                    ("capset chdir dup2 execve exit_group fstat getcwd pread64 recvmsg rt_sigaction"
                                    + " rt_sigprocmask sendmsg setgroups setresgid setresuid write")
                            .split(" "));

    private static final String STARTABLE = allowing(NEEDED);

    @TempDir Path directory;

    private static String allowing(List<String> names) {
        return "{\"names\":[\""
                + String.join("\",\"", names)
                + "\"],\"action\":\"SCMP_ACT_ALLOW\"}";
    }

    private static String profile(String... rules) {
        List<String> all = new ArrayList<>(List.of(STARTABLE));
        all.addAll(List.of(rules));
        return "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
                + String.join(",", all)
                + "]}";
    }

    private static List<String> lines(String json, String kernel) {
        SeccompProfile profile =
                new ProfileReader("of the test", new Conditions(kernel))
                        .read(json.getBytes(StandardCharsets.UTF_8));
        List<String> lines = SeccompRules.of(profile).text().lines().toList();
        assertThat(lines)
                .startsWith("hearth-seccomp 1", "default errno 1")
                .containsAll(NEEDED.stream().map(name -> "rule allow 0 " + name).toList());
        return lines.subList(2 + NEEDED.size(), lines.size());
    }

    private static List<String> lines(String... rules) {
        return lines(profile(rules), "6.1.0-test");
    }

    private static HearthException refusal(String json) {
        return assertThatExceptionOfType(HearthException.class)
                .isThrownBy(() -> lines(json, "6.1.0-test"))
                .actual();
    }

    @Test
    void load_hearthsOwn_allowsWhatProgramsNeedAndNotWhatSecurityForbids() {
        List<String> lines = SeccompRules.load("").text().lines().toList();
        assertThat(lines)
                .startsWith("hearth-seccomp 1", "default errno 1")
                .contains("rule allow 0 openat", "rule allow 0 futex", "rule errno 38 clone3")
                .contains("rule allow 0 clone 0 masked-eq 2114060288 0")
                .contains("rule allow 0 socket 0 eq 16 0")
                .doesNotContain("rule allow 0 socket", "rule allow 0 clone");
        for (String forbidden : List.of("mount", "bpf", "ptrace", "io_uring_setup", "keyctl")) {
            assertThat(lines).noneMatch(l -> l.contains(" " + forbidden));
        }
    }

    @Test
    void read_actionsAndArguments_asTheLauncherReadsThem() {
        assertThat(
                        lines(
                                "{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}",
                                "{\"name\":\"c\",\"action\":\"SCMP_ACT_KILL_PROCESS\"}",
                                "{\"names\":[\"d\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
                                        + "{\"index\":0,\"value\":7,\"op\":\"SCMP_CMP_NE\"},"
                                        + "{\"index\":5,\"value\":18446744073709551615,\"valueTwo\":2,"
                                        + "\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"))
                .containsExactly(
                        "rule errno 38 a",
                        "rule errno 38 b",
                        "rule kill-process 0 c",
                        "rule allow 0 d 0 ne 7 0 5 masked-eq 18446744073709551615 2");
    }

    @Test
    void read_oneArgumentComparedTwice_eitherIsEnough() {
        assertThat(
                        lines(
                                "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
                                        + "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
                                        + "{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}"))
                .containsExactly("rule allow 0 socket 0 eq 1 0", "rule allow 0 socket 0 eq 2 0");
    }

    @Test
    void read_ruleThatSaysTheDefault_leftOut() {
        assertThat(lines("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\"}")).isEmpty();
    }

    @Test
    void read_conditions_thoseOfThisMachineAndOfAContainersCapabilities() {
        String rule = "{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_ALLOW\",\"%s\":{%s}}";
        String json =
                profile(
                        rule.formatted("a", "includes", "\"caps\":[\"CAP_SYS_CHROOT\"]"),
                        rule.formatted("b", "includes", "\"caps\":[\"CAP_SYS_ADMIN\"]"),
                        rule.formatted("c", "excludes", "\"caps\":[\"CAP_SYS_ADMIN\"]"),
                        rule.formatted("d", "includes", "\"arches\":[\"amd64\",\"x32\"]"),
                        rule.formatted("e", "includes", "\"arches\":[\"s390x\"]"),
                        rule.formatted("f", "includes", "\"minKernel\":\"4.8\""),
                        rule.formatted("g", "includes", "\"minKernel\":\"6.2\""));
        assertThat(lines(json, "6.1.0-test"))
                .containsExactly(
                        "rule allow 0 a", "rule allow 0 c", "rule allow 0 d", "rule allow 0 f");
    }

    @Test
    void read_manyThingsWrong_allOfThemToldWithTheirRule() {
        HearthException e =
                refusal(
                        profile(
                                        "{\"names\":[\"mount\",\"Umount\"],\"action\":\"SCMP_ACT_ALOW\"}",
                                        "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"arg\":[]}",
                                        "{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
                                                + "{\"index\":6,\"value\":-1,\"op\":\"SCMP_CMP_IS\"}]}",
                                        "{\"names\":[],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":5000}",
                                        "7")
                                .replaceFirst("\\{", "{\"listenerPath\":\"/run/x\","));
        assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
        assertThat(e.reason()).isEqualTo("seccomp-profile");
        assertThat(e.sentence()).contains("of the test", "10 things", "seccomp-profile");
        assertThat(String.join("\n", e.details()))
                .contains("\"listenerPath\" is not known")
                .contains("rule 2 (mount, Umount): \"Umount\" is no name")
                .contains("rule 2 (mount, Umount): \"action\" is \"SCMP_ACT_ALOW\"")
                .contains("rule 3 (socket): \"arg\" is not known")
                .contains("rule 4 (clone): the \"index\"")
                .contains("rule 4 (clone): \"value\"")
                .contains("rule 4 (clone): \"op\" is \"SCMP_CMP_IS\"")
                .contains("rule 5: it names no system call")
                .contains("rule 5: \"errnoRet\"")
                .contains("rule 6: it is not an object");
    }

    @Test
    void read_nothingCouldStart_saysWhichCallIsMissing() {
        List<String> allButOne = NEEDED.stream().filter(n -> !n.equals("execve")).toList();
        HearthException e =
                refusal(
                        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
                                + allowing(allButOne)
                                + "]}");
        assertThat(e.sentence()).contains("no rule allows execve");
    }

    @Test
    void read_forAnotherMachine_refused() {
        HearthException e =
                refusal(
                        profile()
                                .replaceFirst(
                                        "\\{", "{\"architectures\":[\"SCMP_ARCH_AARCH64\"],"));
        assertThat(e.sentence()).contains("lack SCMP_ARCH_X86_64");
    }

    @Test
    void load_fileMissingOrNotJson_saysSo() throws IOException {
        Path file = directory.resolve("profile.json");
        assertThatExceptionOfType(HearthException.class)
                .isThrownBy(() -> SeccompRules.load(file.toString()))
                .withMessageContaining(file + " cannot be read");
        Files.writeString(file, "{\"defaultAction\":");
        assertThatExceptionOfType(HearthException.class)
                .isThrownBy(() -> SeccompRules.load(file.toString()))
                .withMessageContaining("it is not JSON");
    }

    @Test
    void writeTo_again_replacesAndOnlyTheOwnerReads() throws IOException {
        Path file = directory.resolve("rules");
        SeccompRules.load("").writeTo(file);
        SeccompRules.load("unconfined").writeTo(file);
        assertThat(file).hasContent("hearth-seccomp 1\nunconfined\n");
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
}
