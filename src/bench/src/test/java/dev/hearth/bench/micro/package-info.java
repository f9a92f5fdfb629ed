/** What do single steps of a warm request take? JMH, by {@code hearth bench jmh}. */
@NullMarked
package dev.hearth.bench.micro;

import org.jspecify.annotations.NullMarked;
