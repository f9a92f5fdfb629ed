/** Tests of what references mean. */
@NullMarked
package dev.hearth.imagecache.reference;

import org.jspecify.annotations.NullMarked;
