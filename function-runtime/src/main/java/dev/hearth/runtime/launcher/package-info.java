/** Talking to the launcher: its protocol, its process, and what to run in a sandbox. */
@NullMarked
package dev.hearth.runtime.launcher;

import org.jspecify.annotations.NullMarked;
