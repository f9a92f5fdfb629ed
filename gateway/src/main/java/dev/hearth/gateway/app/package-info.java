/** Composes the gateway: configuration, listeners, Kafka, start and stop. */
@NullMarked
package dev.hearth.gateway.app;

import org.jspecify.annotations.NullMarked;
