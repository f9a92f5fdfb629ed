/** Where did the time of a cold start go? Asked of the platform's own trace spans. */
@NullMarked
package dev.hearth.bench.trace;

import org.jspecify.annotations.NullMarked;
