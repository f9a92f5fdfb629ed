package dev.hearth.runtime.app;

import dev.hearth.runtime.slot.SlotPool;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The keys {@code hearth.runtime.*}. Durations and sizes as the command line writes them. */
@ConfigMapping(prefix = "hearth.runtime")
public interface NodeConfig {
    /**
     * Sandbox shells kept ready ahead of requests, each of which takes 0.9 MiB; when absent as many
     * as {@link SlotPool#usualSize} says.
     */
    OptionalInt slots();

    /**
     * Revisions at most for which a slot is kept loaded, so that their next start is the shortest;
     * when absent as many as {@link #slots}. Each takes a slot's memory and its program's own.
     */
    OptionalInt loadedSlots();

    /** The most time from a start until the container listens (Cloud Run's four minutes). */
    @WithDefault("240s")
    String startupTimeout();

    /** Between SIGTERM and SIGKILL. */
    @WithDefault("10s")
    String stopGrace();

    /** Processes and threads in one instance. */
    @WithDefault("1024")
    int processes();

    /** The most bytes of one instance's log. */
    @WithDefault("16Mi")
    String logSize();

    /**
     * The system calls of every container: a JSON file in Docker's format, or "unconfined" for all
     * of them; Hearth's own profile when absent. A launcher that is running keeps what it has.
     */
    Optional<String> seccompProfile();

    /** Name servers of the instances; without any, those of the host. */
    Optional<List<String>> dns();
}
