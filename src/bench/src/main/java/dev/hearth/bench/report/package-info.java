/** What was measured, told to people and to programs, with the bars it is held against. */
@NullMarked
package dev.hearth.bench.report;

import org.jspecify.annotations.NullMarked;
