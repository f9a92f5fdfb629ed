/** The front door as a process of its own: gateway, catalog and admin API. */
@NullMarked
package dev.hearth.process.gateway;

import org.jspecify.annotations.NullMarked;
