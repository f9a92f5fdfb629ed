/** Reads an image's files out of its unpacked layers, as a container would see them. */
@NullMarked
package dev.hearth.imagecache.rootfs;

import org.jspecify.annotations.NullMarked;
