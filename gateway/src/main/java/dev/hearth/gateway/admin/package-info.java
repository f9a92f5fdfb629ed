/** The admin API: what operators and the CLI may ask. */
@NullMarked
package dev.hearth.gateway.admin;

import org.jspecify.annotations.NullMarked;
