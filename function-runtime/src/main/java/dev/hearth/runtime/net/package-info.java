/** The instances' network: addresses, links, and the rules that keep instances apart. */
@NullMarked
package dev.hearth.runtime.net;

import org.jspecify.annotations.NullMarked;
