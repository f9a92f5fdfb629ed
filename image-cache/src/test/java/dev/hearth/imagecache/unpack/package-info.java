/** Tests of the parts that unpack a layer. */
@NullMarked
package dev.hearth.imagecache.unpack;

import org.jspecify.annotations.NullMarked;
