package dev.hearth.testing;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Revisions for tests, with the platform's defaults. */
public final class Revisions {
    private static final Duration TIMEOUT = Duration.ofSeconds(300);

    private Revisions() {}

    /** The {@code number}-th revision of a service. */
    public static RevisionSpec of(String service, int number, Scaling scaling, Duration timeout) {
        return of(service, number, scaling, timeout, false);
    }

    /** The first revision of a service whose container speaks HTTP/2 (h2c). */
    public static RevisionSpec http2(String service) {
        return of(service, 1, new Scaling(80, 0, 10, Duration.ofSeconds(60)), TIMEOUT, true);
    }

    private static RevisionSpec of(
            String service, int number, Scaling scaling, Duration timeout, boolean http2) {
        ServiceName name = new ServiceName(service);
        return new RevisionSpec(
                RevisionName.of(name, number, "abc"),
                name,
                "test",
                Digest.sha256("0".repeat(64)),
                new ContainerSpec(List.of(), List.of(), Map.of(), 8080, http2),
                new Resources(new Cpu(1000), DataSize.mebibytes(512)),
                scaling,
                Egress.DEFAULT,
                timeout,
                Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** A revision of a service, one request to an instance at a time, with this policy. */
    public static RevisionSpec of(String service, int number, RequestPolicy requests) {
        RevisionSpec base =
                of(service, number, new Scaling(1, 0, 3, Duration.ofSeconds(60)), TIMEOUT);
        return new RevisionSpec(
                base.name(),
                base.service(),
                base.image(),
                base.digest(),
                base.container(),
                base.resources(),
                base.scaling(),
                base.egress(),
                requests,
                base.createdAt());
    }

    /** The same, paid for in this way. */
    public static RevisionSpec billed(RevisionSpec base, Billing billing) {
        return new RevisionSpec(
                base.name(),
                base.service(),
                base.image(),
                base.digest(),
                base.container(),
                base.resources().with(billing),
                base.scaling(),
                base.egress(),
                base.requests(),
                base.metadata(),
                base.createdAt());
    }

    /** A first revision with this concurrency and at most this many instances. */
    public static RevisionSpec of(String service, int concurrency, int max) {
        return of(service, 1, new Scaling(concurrency, 0, max, Duration.ofSeconds(60)), TIMEOUT);
    }
}
