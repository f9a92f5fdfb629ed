/** How long does a cold start take, and how does that compare? */
@NullMarked
package dev.hearth.bench.cold;

import org.jspecify.annotations.NullMarked;
