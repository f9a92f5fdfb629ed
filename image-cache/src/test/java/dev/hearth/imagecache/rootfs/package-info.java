/** Tests of the configuration. */
@NullMarked
package dev.hearth.imagecache.rootfs;

import org.jspecify.annotations.NullMarked;
