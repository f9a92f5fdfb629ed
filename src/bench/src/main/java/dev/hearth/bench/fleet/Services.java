package dev.hearth.bench.fleet;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The services that are simulated: one revision each, with an image of its own. */
final class Services {
    static final Cpu CPU = new Cpu(250);
    static final DataSize MEMORY = DataSize.mebibytes(512);
    static final Duration IDLE = Duration.ofSeconds(60);
    static final int MOST_INSTANCES = 100;

    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TIMEOUT = Duration.ofSeconds(300);
    private static final int PORT = 8080;

    private Services() {}

    static RevisionSpec revision(int index) {
        ServiceName name = FleetSize.name(index);
        return new RevisionSpec(
                RevisionName.of(name, 1, "abc"),
                name,
                "registry.example.com/" + name,
                Digest.sha256("%064x".formatted(index)),
                new ContainerSpec(List.of(), List.of(), Map.of(), PORT, false),
                new Resources(CPU, MEMORY),
                new Scaling(1, 0, MOST_INSTANCES, IDLE),
                Egress.DEFAULT,
                RequestPolicy.within(TIMEOUT),
                CREATED);
    }

    /** The routes of the first so many. */
    static Map<ServiceName, Route> routes(int count) {
        Map<ServiceName, Route> routes = HashMap.newHashMap(count);
        for (int i = 0; i < count; i++) {
            RevisionSpec revision = revision(i);
            routes.put(revision.service(), Route.to(revision));
        }
        return routes;
    }
}
