/** Who may call the admin port, and for what: one check before every call. */
@NullMarked
package dev.hearth.gateway.access;

import org.jspecify.annotations.NullMarked;
