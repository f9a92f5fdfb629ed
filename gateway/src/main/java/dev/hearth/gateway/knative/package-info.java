/**
 * Services as Knative has them: serving.knative.dev/v1, for {@code hearth apply} and for Knative's
 * clients.
 */
@NullMarked
package dev.hearth.gateway.knative;

import org.jspecify.annotations.NullMarked;
