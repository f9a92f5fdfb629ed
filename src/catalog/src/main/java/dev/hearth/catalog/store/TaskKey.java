package dev.hearth.catalog.store;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;

/** A task within its execution. */
@Embeddable
record TaskKey(String execution, @Column(name = "index") int number) {}
