package dev.hearth.gateway.admin;

import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.TokenPort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.pool.QuotaGate;

/**
 * What the admin API asks about who may do what, and where it writes down who did.
 *
 * @param access is asked before every call
 * @param secrets what only instances are told
 * @param gate knows what of a project runs
 * @param invokerToken what callers of private services show; see ProjectSecret
 */
public record Keeping(
        Access access,
        TokenPort tokens,
        AuditPort audit,
        SecretPort secrets,
        QuotaPort quotas,
        QuotaGate gate,
        ProjectPort projects,
        String invokerToken) {}
