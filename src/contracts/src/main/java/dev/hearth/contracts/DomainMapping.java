package dev.hearth.contracts;

import java.time.Instant;

/** A domain that leads to a service, since some time. */
public record DomainMapping(DomainName domain, ServiceName service, Instant createdAt) {}
