/** Where an image's documents and blobs come from: layout directories and archive files. */
@NullMarked
package dev.hearth.imagecache.source;

import org.jspecify.annotations.NullMarked;
