package dev.hearth.contracts;

import java.time.Instant;

/** The end of an instance, told once. */
public record InstanceExit(InstanceId id, RevisionName revision, ExitCause cause, Instant at) {}
