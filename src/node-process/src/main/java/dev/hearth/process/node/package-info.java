/** A machine that runs instances, as a process of its own: node agent and image cache. */
@NullMarked
package dev.hearth.process.node;

import org.jspecify.annotations.NullMarked;
