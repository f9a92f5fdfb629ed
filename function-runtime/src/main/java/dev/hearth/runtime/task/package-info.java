/**
 * What runs to its end: each attempt begun once, and how it ended kept until it is known elsewhere.
 */
@NullMarked
package dev.hearth.runtime.task;

import org.jspecify.annotations.NullMarked;
