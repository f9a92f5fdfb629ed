/** What instances print, kept and read back. */
@NullMarked
package dev.hearth.runtime.log;

import org.jspecify.annotations.NullMarked;
