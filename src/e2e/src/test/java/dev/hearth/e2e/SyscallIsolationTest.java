package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * System calls that no container gets to the kernel. {@code SeccompTest} shows that the same
 * attempts succeed where nothing filters.
 */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
class SyscallIsolationTest {
    @RegisterExtension static final AttackedPlatform ATTACKED = new AttackedPlatform();

    @Test
    void forbidden_everyCall_refused() {
        assertThat(ATTACKED.attempt("/forbidden"))
                .hasSizeGreaterThan(60)
                .contains("clone3 ENOSYS") // libc then uses clone
                .allMatch(l -> l.endsWith(" EPERM") || l.equals("clone3 ENOSYS"));
    }

    @Test
    void foreignArchitectures_killed() {
        assertThat(ATTACKED.attempt("/foreign"))
                .hasSize(4)
                .contains("x32-getpid SIGSYS", "x32-mount SIGSYS")
                // a kernel without 32-bit emulation faults instead
                .allMatch(l -> l.endsWith(" SIGSYS") || l.matches("int80-.* SIGSEGV"));
    }

    @Test
    void namespaces_noNewOne() {
        assertThat(ATTACKED.attempt("/namespaces"))
                .hasSize(17)
                .contains("unshare-files ok", "clone-none ok")
                .filteredOn(l -> !l.equals("unshare-files ok") && !l.equals("clone-none ok"))
                .allMatch(l -> l.endsWith(" EPERM"));
    }

    @Test
    void sockets_fourFamiliesAndNoOther() {
        assertThat(ATTACKED.attempt("/sockets"))
                .hasSize(17)
                .contains("unix ok", "inet ok", "netlink ok")
                .contains("vsock EPERM", "alg EPERM", "packet EPERM", "xdp EPERM")
                // the kernel looks at 32 bits of the family, a filter at 64
                .contains("vsock-high EPERM", "alg-high EPERM", "packet-high EPERM")
                .contains("inet-raw EPERM") // the capability, not the filter
                .filteredOn(l -> l.endsWith(" ok"))
                .allMatch(l -> l.matches("(unix|inet|inet6|netlink) ok"));
    }

    @Test
    void personality_usualOnesOnly() {
        assertThat(ATTACKED.attempt("/personality"))
                .containsExactly(
                        "ask ok",
                        "linux ok",
                        "no-randomize EPERM",
                        "read-implies-exec EPERM",
                        "svr4 EPERM");
    }

    @Test
    void otherProcesses_init_neitherTracedNorRead() {
        assertThat(ATTACKED.attempt("/others?1"))
                .containsExactly("ptrace-attach EPERM", "ptrace-seize EPERM", "read-memory EPERM");
    }
}
