/** Tests of looking files up in layers. */
@NullMarked
package dev.hearth.imagecache.rootfs;

import org.jspecify.annotations.NullMarked;
