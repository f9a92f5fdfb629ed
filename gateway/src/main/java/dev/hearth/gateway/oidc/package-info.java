/**
 * Callers with a JWT of an OpenID Connect issuer: whose keys are where, and whether a token counts.
 */
@NullMarked
package dev.hearth.gateway.oidc;

import org.jspecify.annotations.NullMarked;
