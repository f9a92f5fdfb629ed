package dev.hearth.gateway.pool;

import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StartedInstance;
import java.util.concurrent.CompletionStage;

/** Starts instances, with what they are to be given; see RuntimePort.start. */
@FunctionalInterface
public interface Starter {
    CompletionStage<StartedInstance> start(RevisionSpec revision);
}
