/** What an image means for a process: its command, environment and user. */
@NullMarked
package dev.hearth.runtime.rootfs;

import org.jspecify.annotations.NullMarked;
