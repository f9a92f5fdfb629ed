/** Jobs: when their executions begin, where their tasks run, and what becomes of each attempt. */
@NullMarked
package dev.hearth.gateway.job;

import org.jspecify.annotations.NullMarked;
