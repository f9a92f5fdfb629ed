/** Tests of what a registry may and may not do to us. */
@NullMarked
package dev.hearth.imagecache.registry;

import org.jspecify.annotations.NullMarked;
