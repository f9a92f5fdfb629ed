/** What the kernel says about memory, processes and its own objects. */
@NullMarked
package dev.hearth.bench.machine;

import org.jspecify.annotations.NullMarked;
