/** Hostile clients of the embedded registry. */
@NullMarked
package dev.hearth.imagecache.serve;

import org.jspecify.annotations.NullMarked;
