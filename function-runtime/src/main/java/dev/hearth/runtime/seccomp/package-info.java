/** Which system calls a container may make: a profile, read, checked and flattened. */
@NullMarked
package dev.hearth.runtime.seccomp;

import org.jspecify.annotations.NullMarked;
