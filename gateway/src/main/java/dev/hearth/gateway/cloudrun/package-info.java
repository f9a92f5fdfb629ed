/**
 * Services as Google Cloud Run has them: its Admin API v2, REST and gRPC, on Google's own message
 * types, for programs written with Google's client libraries.
 */
@NullMarked
package dev.hearth.gateway.cloudrun;

import org.jspecify.annotations.NullMarked;
