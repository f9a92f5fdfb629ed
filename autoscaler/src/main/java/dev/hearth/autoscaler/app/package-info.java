/** Puts the autoscaler on Kafka: demand in, decisions out. */
@NullMarked
package dev.hearth.autoscaler.app;

import org.jspecify.annotations.NullMarked;
