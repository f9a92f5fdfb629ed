/** Which policy keeps idle functions best? Replays a recorded day; see the scenario's README. */
@NullMarked
package dev.hearth.bench.keepalive;

import org.jspecify.annotations.NullMarked;
