/** What is billed: counted so that no process that dies takes a count with it. */
@NullMarked
package dev.hearth.gateway.usage;

import org.jspecify.annotations.NullMarked;
