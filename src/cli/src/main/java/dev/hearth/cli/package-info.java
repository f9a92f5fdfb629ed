/** The {@code hearth} command: one class a subcommand, all talking to the admin API. */
@NullMarked
package dev.hearth.cli;

import org.jspecify.annotations.NullMarked;
