package dev.hearth.gateway.admin;

import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.TokenPort;
import dev.hearth.gateway.access.Access;

/**
 * What the admin API asks about who may do what, and where it writes down who did.
 *
 * @param access is asked before every call
 */
public record Keeping(Access access, TokenPort tokens, AuditPort audit) {}
