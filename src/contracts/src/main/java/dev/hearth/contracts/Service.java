package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;

/**
 * A service as the catalog knows it.
 *
 * @param serving gets all of the service's requests
 * @param revisions all that are kept, newest first, the serving one among them
 */
public record Service(
        ServiceName name,
        RevisionSpec serving,
        List<RevisionSpec> revisions,
        Instant createdAt,
        Instant updatedAt) {}
