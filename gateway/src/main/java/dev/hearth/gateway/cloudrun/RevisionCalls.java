package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.DeleteRevisionRequest;
import com.google.cloud.run.v2.GetRevisionRequest;
import com.google.cloud.run.v2.ListRevisionsRequest;
import com.google.cloud.run.v2.ListRevisionsResponse;
import com.google.cloud.run.v2.Revision;
import com.google.longrunning.Operation;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code google.cloud.run.v2.Revisions}. */
final class RevisionCalls {
    private final CatalogPort catalog;
    private final Operations operations;

    RevisionCalls(CatalogPort catalog, Operations operations) {
        this.catalog = catalog;
        this.operations = operations;
    }

    /** The same, for calls by somebody. */
    RevisionCalls as(Caller caller) {
        return new RevisionCalls(catalog.as(caller), operations.of(caller.project()));
    }

    CompletionStage<Revision> get(GetRevisionRequest call) {
        return found(LocationName.revision(call.getName()));
    }

    private CompletionStage<Revision> found(LocationName.OfRevision name) {
        return catalog.service(name.service())
                .thenApply(
                        service ->
                                service.revision(name.revision())
                                        .map(r -> RevisionWriter.write(name.location(), r))
                                        .orElseThrow(() -> noSuchRevision(name)));
    }

    /** Newest first. */
    CompletionStage<ListRevisionsResponse> list(ListRevisionsRequest call) {
        LocationName.OfService parent = LocationName.service(call.getParent());
        return catalog.service(parent.service())
                .thenApply(
                        service -> {
                            Pages.Part<RevisionSpec> part =
                                    Pages.part(
                                            service.revisions(),
                                            call.getPageSize(),
                                            call.getPageToken());
                            return ListRevisionsResponse.newBuilder()
                                    .addAllRevisions(
                                            part.items().stream()
                                                    .map(
                                                            r ->
                                                                    RevisionWriter.write(
                                                                            parent.location(), r))
                                                    .toList())
                                    .setNextPageToken(part.next())
                                    .build();
                        });
    }

    CompletionStage<Operation> delete(DeleteRevisionRequest call) {
        LocationName.OfRevision name = LocationName.revision(call.getName());
        return found(name)
                .thenCompose(
                        revision -> {
                            if (!call.getEtag().isEmpty()
                                    && !call.getEtag().equals(revision.getEtag())) {
                                throw new HearthException(
                                        ErrorKind.CONFLICT,
                                        "revision-changed",
                                        "the revision " + name + " is another one; read it again");
                            }
                            return call.getValidateOnly()
                                    ? operations.run(
                                            name.location(),
                                            revision,
                                            CompletableFuture.completedFuture(revision))
                                    : delete(name, revision);
                        });
    }

    /** What cannot be deleted is refused, and no operation that failed. */
    private CompletionStage<Operation> delete(LocationName.OfRevision name, Revision revision) {
        return catalog.delete(name.service(), name.revision())
                .thenCompose(
                        gone ->
                                operations.run(
                                        name.location(),
                                        revision,
                                        CompletableFuture.completedFuture(revision)));
    }

    private static HearthException noSuchRevision(LocationName.OfRevision name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "revision-not-found",
                "there is no revision \"" + name + "\"; those that are kept can be listed");
    }
}
