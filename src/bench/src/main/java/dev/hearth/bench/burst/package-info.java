/** What happens when many services are hit cold at the same moment? */
@NullMarked
package dev.hearth.bench.burst;

import org.jspecify.annotations.NullMarked;
