/** Does anything stay behind when instances start and stop, again and again? */
@NullMarked
package dev.hearth.bench.churn;

import org.jspecify.annotations.NullMarked;
