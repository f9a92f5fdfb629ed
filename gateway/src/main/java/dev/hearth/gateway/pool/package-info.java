/** Which instance takes this request, and how many are there? */
@NullMarked
package dev.hearth.gateway.pool;

import org.jspecify.annotations.NullMarked;
