/** An image in a registry, over the OCI distribution API. */
@NullMarked
package dev.hearth.imagecache.registry;

import org.jspecify.annotations.NullMarked;
