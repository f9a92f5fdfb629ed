package dev.hearth.bench.fleet;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A platform without a node, for a gateway that is given routes and no requests. */
final class NoNodes implements RuntimePort {
    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        return CompletableFuture.failedFuture(
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "no-node",
                        "an instance of "
                                + revision.service()
                                + " was asked for; there is no node"));
    }

    @Override
    public CompletionStage<Void> stop(InstanceId instance, StopReason reason) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void setCpu(InstanceId instance, Cpu quota, boolean idle) {}

    @Override
    public void freeze(InstanceId instance, Warmth warmth) {}

    @Override
    public CompletionStage<Void> thaw(InstanceId instance) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void forget(RevisionName revision) {}

    @Override
    public List<InstanceView> instances() {
        return List.of();
    }

    @Override
    public void onExit(Consumer<InstanceExit> listener) {}

    @Override
    public void onShortage(Consumer<InstanceId> listener) {}

    @Override
    public LogPage logs(ServiceName service, String cursor, int most) {
        return new LogPage(List.of(), "");
    }
}
