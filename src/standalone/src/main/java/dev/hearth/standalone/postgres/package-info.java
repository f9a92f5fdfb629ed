/** The embedded PostgreSQL: unpacked once, initialised once, started and stopped. */
@NullMarked
package dev.hearth.standalone.postgres;

import org.jspecify.annotations.NullMarked;
