/** Lists the operating system's packages in an image, as a CycloneDX document. */
@NullMarked
package dev.hearth.imagecache.sbom;

import org.jspecify.annotations.NullMarked;
