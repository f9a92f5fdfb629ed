/** Puts the catalog together: CDI, configuration, start and stop. */
@NullMarked
package dev.hearth.catalog.app;

import org.jspecify.annotations.NullMarked;
