/** Composes the image cache: configuration, CDI beans, start and stop with the process. */
@NullMarked
package dev.hearth.imagecache.app;

import org.jspecify.annotations.NullMarked;
