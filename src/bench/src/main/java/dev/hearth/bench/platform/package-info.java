/** A platform of the bench's own: started, asked, taken away. */
@NullMarked
package dev.hearth.bench.platform;

import org.jspecify.annotations.NullMarked;
