/** Tests of the configuration. */
@NullMarked
package dev.hearth.imagecache.app;

import org.jspecify.annotations.NullMarked;
