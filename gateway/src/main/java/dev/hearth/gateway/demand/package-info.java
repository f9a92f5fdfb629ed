/** What the autoscaler is told, and how its decisions are applied. */
@NullMarked
package dev.hearth.gateway.demand;

import org.jspecify.annotations.NullMarked;
