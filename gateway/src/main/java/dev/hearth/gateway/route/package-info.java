/** Which service and revision does this host name mean? */
@NullMarked
package dev.hearth.gateway.route;

import org.jspecify.annotations.NullMarked;
