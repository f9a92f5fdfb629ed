package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Errno;

/** The steps of making and starting a sandbox; twins of {@code enum hl_step}. */
public enum StartStep {
    NONE(0, "starting"),
    REQUEST(1, "reading the launcher's order"),
    CLONE(2, "cloning into new namespaces"),
    CGROUP(3, "joining the cgroups"),
    SLOT_TREE(4, "making the slot's mount tree"),
    LAYERS(5, "binding the layer store"),
    PROC(6, "mounting /proc"),
    DEV(7, "making /dev"),
    SYS(8, "mounting /sys"),
    SLOT_PIVOT(9, "entering the slot's mount tree"),
    NETLINK(10, "opening a netlink socket"),
    SPEC(11, "reading the process specification"),
    UPPER(12, "making the writable layer"),
    OVERLAY(13, "mounting the root filesystem"),
    MOVE(14, "moving /proc, /dev and /sys into the root filesystem"),
    PIVOT(15, "entering the root filesystem"),
    HOSTNAME(16, "setting the host name"),
    STDIO(17, "opening stdin, stdout and stderr"),
    FORK(18, "forking the container's first process"),
    CAPABILITIES(19, "dropping capabilities"),
    USER(20, "becoming the image's user"),
    WORKDIR(21, "entering the working directory"),
    EXEC(22, "executing the command"),
    DIED(23, "waiting for the sandbox's answer"),
    SECCOMP(24, "installing the system call filter"),
    LIMITS(25, "setting resource limits"),
    USERNS(26, "making its user namespace"),
    HOLD(27, "holding the loaded command"),
    SECRETS(28, "mounting its secrets");

    private final int number;
    private final String words;

    StartStep(int number, String words) {
        this.number = number;
        this.words = words;
    }

    public int number() {
        return number;
    }

    /** What was being done, as "… failed". */
    public String words() {
        return words;
    }

    /** The step with this number; {@link #NONE} for one that only a newer launcher knows. */
    public static StartStep of(int number) {
        for (StartStep step : values()) {
            if (step.number == number) {
                return step;
            }
        }
        return NONE;
    }

    /** Whether the image or its settings, not the platform, made the step fail. */
    public boolean isContainersFault(int errno) {
        return switch (this) {
            case EXEC, WORKDIR, USER, SECRETS -> errno != Errno.ENOMEM && errno != Errno.EAGAIN;
            default -> false;
        };
    }

    /** What to do about it, or empty. */
    public String hint(int errno) {
        return switch (errno) {
            case Errno.ENOSPC, Errno.EMFILE, Errno.ENFILE ->
                    " — the machine ran out of it; stop something or raise the limit";
            case Errno.ENOMEM, Errno.EAGAIN ->
                    " — not enough memory or processes; raise --memory or free some";
            case Errno.ENOENT ->
                    this == EXEC
                            ? " — the command, or the interpreter it names, is not in the image"
                            : "";
            case Errno.EACCES -> this == EXEC ? " — the command is not an executable file" : "";
            case Errno.EINVAL ->
                    this == USER ? " — its numbers are not among a container's, 0 to 65534" : "";
            case Errno.EXDEV -> " — it is outside of the container";
            case Errno.ENOEXEC ->
                    this == EXEC ? " — the command is not a program for this machine" : "";
            default -> "";
        };
    }
}
