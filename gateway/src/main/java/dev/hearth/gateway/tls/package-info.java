/** Which certificates does the gateway show, and how are they renewed while it runs? */
@NullMarked
package dev.hearth.gateway.tls;

import org.jspecify.annotations.NullMarked;
