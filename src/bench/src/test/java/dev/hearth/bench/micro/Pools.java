package dev.hearth.bench.micro;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import java.time.Instant;

/** Pools as the gateway has them, whose instances are numbers only. */
final class Pools {
    private static final int CONCURRENCY = 80;
    private static final int PORT = 8080;

    private Pools() {}

    /** With this many ready instances. */
    static RevisionPool of(String service, int instances) {
        var revision = Revisions.of(service, CONCURRENCY, Math.max(1, instances));
        RevisionPool pool =
                new RevisionPool(revision, new FakeRuntime("10.0.0.1", PORT), Clock.system());
        for (int i = 0; i < instances; i++) {
            pool.adopt(
                    new RuntimePort.Left(
                            new StartedInstance(
                                    InstanceId.of(i),
                                    revision.name(),
                                    "10.0.0." + i,
                                    PORT,
                                    new StartTimings(Instant.EPOCH, 0, 0, 0, 0, 0)),
                            false));
        }
        return pool;
    }
}
