/** What does the gateway cost a warm request, beside other proxies of the same backend? */
@NullMarked
package dev.hearth.bench.gateway;

import org.jspecify.annotations.NullMarked;
