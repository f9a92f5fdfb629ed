/** The flows that change jobs and begin their executions. */
@NullMarked
package dev.hearth.catalog.job;

import org.jspecify.annotations.NullMarked;
