/**
 * Images on this node: resolve a reference, pull and unpack what is missing, open what is there.
 */
@NullMarked
package dev.hearth.imagecache;

import org.jspecify.annotations.NullMarked;
