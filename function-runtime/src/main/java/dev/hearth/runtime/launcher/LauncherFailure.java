package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Errno;
import java.io.IOException;

/** A sandbox that could not be made or started: the step and its errno. */
public final class LauncherFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final StartStep step;
    private final int errno;

    LauncherFailure(StartStep step, int errno) {
        super(step.words() + " failed: " + Errno.name(errno) + step.hint(errno));
        this.step = step;
        this.errno = errno;
    }

    public StartStep step() {
        return step;
    }

    public int errno() {
        return errno;
    }

    /** Whether the image or its settings, not the platform, are to blame. */
    public boolean isContainersFault() {
        return step.isContainersFault(errno);
    }
}
