/** What the launcher keeps for the runtime, so that the next one knows its instances again. */
@NullMarked
package dev.hearth.runtime.note;

import org.jspecify.annotations.NullMarked;
