/** What tests of several rooms share: a clock they set, fakes, sample images, ports. */
@NullMarked
package dev.hearth.testing;

import org.jspecify.annotations.NullMarked;
