/** What an image reference means, before anything is looked up. */
@NullMarked
package dev.hearth.imagecache.reference;

import org.jspecify.annotations.NullMarked;
