/** Tests of the signature policy. */
@NullMarked
package dev.hearth.imagecache.signature;

import org.jspecify.annotations.NullMarked;
