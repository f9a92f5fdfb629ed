/** A step in load on a service that needs CPU: how soon is it right again, and at what cost? */
@NullMarked
package dev.hearth.bench.step;

import org.jspecify.annotations.NullMarked;
