/** What does an idle instance cost, and what do many of them cost a cold start? */
@NullMarked
package dev.hearth.bench.density;

import org.jspecify.annotations.NullMarked;
