/**
 * Decides whether an image may run by the signatures that a project demands, as cosign makes them.
 */
@NullMarked
package dev.hearth.imagecache.signature;

import org.jspecify.annotations.NullMarked;
