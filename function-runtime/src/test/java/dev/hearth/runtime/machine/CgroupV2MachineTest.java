package dev.hearth.runtime.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The node agent on a pure cgroup version 2 kernel: Debian's, booted once in QEMU's software
 * emulation; {@link CgroupV2Checks} has the checks, and each is a test here.
 */
@Tag("machine")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CgroupV2MachineTest {
    /** It takes some 40 s on an idle machine. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final Path CONSOLE = Path.of("target/cgroup-v2-machine.console");

    private ConsoleReport report = ConsoleReport.of(List.of());

    @BeforeAll
    void boot(@TempDir Path scratch) throws IOException, InterruptedException {
        Programs.need("qemu-system-x86_64", "qemu-system-x86");
        Programs.need("busybox", "busybox-static");
        Programs.need("nft", "nftables");
        DebianKernel kernel = DebianKernel.fetch();
        Path initrd = scratch.resolve("initrd");
        GuestImage.write(
                initrd,
                Files.createDirectory(scratch.resolve("root")),
                kernel,
                CgroupV2Guest.class);
        List<String> console = VirtualMachine.run(kernel, initrd, DEADLINE);
        Files.write(CONSOLE, console);
        report = ConsoleReport.of(console);
    }

    private void expectPassed(TestInfo test) {
        String check = test.getTestMethod().orElseThrow().getName();
        assertThat(report.outcomes().getOrDefault(check, "the machine did not come that far"))
                .as(
                        "%s in the virtual machine, whose console is in %s and ends with%n%s",
                        check, CONSOLE.toAbsolutePath(), report.lastLines())
                .isEqualTo(ConsoleReport.PASSED);
    }

    @Test
    void detect_debianKernel_isVersion2(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void clone_groupWithoutRoom_failsInTheCloneItself(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void start_server_isInItsGroupAndServes(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void setCpu_spinningProcess_isThrottledToIt(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void setCpu_anyQuota_setsBurstAndWeight(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void freeze_spinningProcess_usesNoCpuUntilThawed(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void freeze_instance_standsUntilItsThaw_andServes(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void page_withoutSwap_isFrozenAndNoMore(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void page_withZram_memoryIsInSwap_andComesBackAtTheThaw(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void kill_frozenInstance_itsEndIsToldAtOnce(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void kill_manyProcesses_noneIsLeft(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void run_overItsMemory_isReportedAsOutOfMemoryWithItsPeak(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void run_forkBomb_endsAtTheLimitOfProcesses(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void devices_unlistedNode_failsWithEperm(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void devices_listedNodes_work(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void view_ofTheContainer_isItsOwnGroupReadOnly(TestInfo test) {
        expectPassed(test);
    }

    @Test
    void stop_everything_leavesNothing(TestInfo test) {
        expectPassed(test);
    }
}
