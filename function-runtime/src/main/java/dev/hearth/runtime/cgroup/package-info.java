/** One owner of the cgroup layout, for version 1 and version 2. */
@NullMarked
package dev.hearth.runtime.cgroup;

import org.jspecify.annotations.NullMarked;
