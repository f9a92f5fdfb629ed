/** How long does an image take to get here, and what does that cost? */
@NullMarked
package dev.hearth.bench.pull;

import org.jspecify.annotations.NullMarked;
