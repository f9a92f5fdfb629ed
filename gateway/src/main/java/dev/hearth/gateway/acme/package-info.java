/** How do certificates come by themselves (ACME, RFC 8555), and when are they renewed? */
@NullMarked
package dev.hearth.gateway.acme;

import org.jspecify.annotations.NullMarked;
