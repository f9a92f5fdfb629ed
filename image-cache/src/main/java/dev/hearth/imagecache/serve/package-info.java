/** The embedded registry: what {@code podman push} and its like talk to, and where that is kept. */
@NullMarked
package dev.hearth.imagecache.serve;

import org.jspecify.annotations.NullMarked;
