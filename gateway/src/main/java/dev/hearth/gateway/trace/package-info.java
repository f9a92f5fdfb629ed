/** What a trace of a request says: ids handed on, spans told. */
@NullMarked
package dev.hearth.gateway.trace;

import org.jspecify.annotations.NullMarked;
