/** Tests of the configuration. */
@NullMarked
package dev.hearth.imagecache.sbom;

import org.jspecify.annotations.NullMarked;
