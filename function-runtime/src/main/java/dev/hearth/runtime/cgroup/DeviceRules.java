package dev.hearth.runtime.cgroup;

import java.util.List;

/**
 * The device nodes that a container may use, as version 1's devices controller takes them. The
 * launcher's devices.c has the same list for version 2, where the controller is a BPF program; a
 * test compares them.
 */
final class DeviceRules {
    /**
     * With "m" the launcher may make the node in a new sandbox; the container itself lacks the
     * capability. 0:0 is no device but overlayfs's mark of a deleted file, for which Linux before
     * 5.8 asks too. 136 to 143 are the pseudo-terminals.
     */
    static final List<String> ALLOWED =
            List.of(
                    "c 0:0 rwm", // whiteout
                    "c 1:3 rwm", // null
                    "c 1:5 rwm", // zero
                    "c 1:7 rwm", // full
                    "c 1:8 rwm", // random
                    "c 1:9 rwm", // urandom
                    "c 5:0 rwm", // tty
                    "c 5:2 rwm", // ptmx
                    "c 136:* rwm"); // pts/*

    private DeviceRules() {}
}
