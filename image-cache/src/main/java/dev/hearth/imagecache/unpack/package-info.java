/** From a layer's bytes to a directory tree that overlayfs can stack, whatever the image holds. */
@NullMarked
package dev.hearth.imagecache.unpack;

import org.jspecify.annotations.NullMarked;
