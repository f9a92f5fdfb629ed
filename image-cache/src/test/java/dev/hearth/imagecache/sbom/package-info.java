/** Tests of the bills of materials. */
@NullMarked
package dev.hearth.imagecache.sbom;

import org.jspecify.annotations.NullMarked;
