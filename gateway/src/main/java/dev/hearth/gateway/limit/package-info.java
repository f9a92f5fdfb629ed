/** May this request come in now, by the rate limits of its service and of its client? */
@NullMarked
package dev.hearth.gateway.limit;

import org.jspecify.annotations.NullMarked;
