/** Tests of the configuration. */
@NullMarked
package dev.hearth.imagecache.signature;

import org.jspecify.annotations.NullMarked;
