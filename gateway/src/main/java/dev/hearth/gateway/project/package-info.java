/** The platform as a project sees it: its own things, by their names within it. */
@NullMarked
package dev.hearth.gateway.project;

import org.jspecify.annotations.NullMarked;
