/** Tests of the whole cache, on real layouts, archives, registries and disks. */
@NullMarked
package dev.hearth.imagecache;

import org.jspecify.annotations.NullMarked;
