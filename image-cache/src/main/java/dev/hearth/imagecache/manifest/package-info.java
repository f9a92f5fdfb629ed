/** The JSON documents of an image, checked as they are read. */
@NullMarked
package dev.hearth.imagecache.manifest;

import org.jspecify.annotations.NullMarked;
