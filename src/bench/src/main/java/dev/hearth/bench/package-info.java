/** What {@code hearth bench} runs: one class an argument, {@code cold} is ColdStart. */
@NullMarked
package dev.hearth.bench;

import org.jspecify.annotations.NullMarked;
