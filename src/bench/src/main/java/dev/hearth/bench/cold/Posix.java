package dev.hearth.bench.cold;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hearth.bench.platform.BenchFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The few calls of libc with which a process is started as cheaply as the system can: {@code
 * posix_spawn} is a {@code vfork}, whose cost does not grow with this JVM, and goes through no
 * helper program as Java's own {@code ProcessBuilder} does.
 */
final class Posix {
    private static final int SIGKILL = 9;
    private static final int CLONE_NEWNS = 0x20000;
    private static final long MS_REC_PRIVATE = 0x4000 | 1 << 18;
    private static final int PR_SET_TIMERSLACK = 29;
    private static final int O_RDWR = 2;

    /** More than any libc's posix_spawn_file_actions_t takes; glibc's is 80 bytes. */
    private static final int FILE_ACTIONS_BYTES = 512;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final MethodHandle SPAWN =
            call("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle ACTIONS = call("posix_spawn_file_actions_init", ADDRESS);
    private static final MethodHandle ADD_OPEN =
            call(
                    "posix_spawn_file_actions_addopen",
                    ADDRESS,
                    JAVA_INT,
                    ADDRESS,
                    JAVA_INT,
                    JAVA_INT);
    private static final MethodHandle WAIT = call("waitpid", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle KILL = call("kill", JAVA_INT, JAVA_INT);
    private static final MethodHandle UNSHARE = call("unshare", JAVA_INT);
    private static final MethodHandle MOUNT =
            call("mount", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle UMOUNT = call("umount", ADDRESS);
    private static final MethodHandle PRCTL = call("prctl", JAVA_INT, JAVA_LONG);

    private Posix() {}

    /** A command ready to be started any number of times: nothing is left to convert then. */
    static final class Command {
        private final MemorySegment path;
        private final MemorySegment arguments;
        private final MemorySegment environment;
        private final MemorySegment files;
        private final MemorySegment pid;

        /**
         * Its stdin, stdout and stderr are {@code /dev/null}.
         *
         * @param arguments the first is the program's absolute path
         * @param environment all of it
         */
        Command(Arena arena, List<String> arguments, List<String> environment) {
            this.path = text(arena, arguments.getFirst());
            this.arguments = array(arena, arguments);
            this.environment = array(arena, environment);
            this.files = arena.allocate(FILE_ACTIONS_BYTES, 16);
            this.pid = arena.allocate(JAVA_INT);
            check("posix_spawn_file_actions_init", invoke(ACTIONS, files));
            MemorySegment nowhere = text(arena, "/dev/null");
            for (int fd = 0; fd <= 2; fd++) {
                check(
                        "posix_spawn_file_actions_addopen",
                        invoke(ADD_OPEN, files, fd, nowhere, O_RDWR, 0));
            }
        }

        /** Returns its process id when the program is running (or is about to fail to). */
        int start() {
            try {
                int error =
                        (int)
                                SPAWN.invokeExact(
                                        pid,
                                        path,
                                        files,
                                        MemorySegment.NULL,
                                        arguments,
                                        environment);
                check("posix_spawn", error);
                return pid.get(JAVA_INT, 0);
            } catch (Throwable e) {
                throw failed(e);
            }
        }
    }

    /** Waits for the end of a process that this one started. */
    static void awaitEnd(int pid) {
        invoke(WAIT, pid, MemorySegment.NULL, 0);
    }

    /** Sends SIGKILL. */
    static void kill(int pid) {
        invoke(KILL, pid, SIGKILL);
    }

    /** Gives the calling thread, and what it starts, mounts of its own, without one of them. */
    static void leaveMount(String path) {
        try (Arena arena = Arena.ofConfined()) {
            check("unshare", invoke(UNSHARE, CLONE_NEWNS));
            MemorySegment none = text(arena, "none");
            check(
                    "mount",
                    invoke(
                            MOUNT,
                            none,
                            text(arena, "/"),
                            MemorySegment.NULL,
                            MS_REC_PRIVATE,
                            MemorySegment.NULL));
            check("umount", invoke(UMOUNT, text(arena, path)));
        }
    }

    /** Lets the calling thread's short sleeps end on time, not up to 50 µs late. */
    static void sleepExactly() {
        invoke(PRCTL, PR_SET_TIMERSLACK, 1L);
    }

    private static MethodHandle call(String name, ValueLayout... arguments) {
        return LINKER.downcallHandle(
                LIBC.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static int invoke(MethodHandle call, Object... arguments) {
        try {
            return (int) call.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static void check(String call, int result) {
        if (result != 0) {
            throw new BenchFailure(call + "(2) failed with " + result);
        }
    }

    private static BenchFailure failed(Throwable e) {
        return e instanceof BenchFailure known ? known : new BenchFailure("calling libc", e);
    }

    private static MemorySegment text(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.UTF_8);
    }

    private static MemorySegment array(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, text(arena, texts.get(i)));
        }
        return array; // the last one is NULL: memory of an arena is zeroed
    }
}
