/**
 * How long does a request wait that starts its container, and how long with somebody else's tools?
 */
@NullMarked
package dev.hearth.bench.cold;

import org.jspecify.annotations.NullMarked;
