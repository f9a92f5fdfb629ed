/**
 * A virtual machine with a kernel of its own, for what this machine's kernel cannot show: Debian's
 * kernel in QEMU's software emulation, with the node agent's own classes and launcher inside.
 */
@NullMarked
package dev.hearth.runtime.machine;

import org.jspecify.annotations.NullMarked;
