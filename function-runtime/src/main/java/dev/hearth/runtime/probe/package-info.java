/** Is the container well? One try to find out, over HTTP, TCP or gRPC. */
@NullMarked
package dev.hearth.runtime.probe;

import org.jspecify.annotations.NullMarked;
