package dev.hearth.gateway.project;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.access.Repositories;
import dev.hearth.gateway.access.Scopes;
import dev.hearth.gateway.route.HostNames;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What somebody may deploy: of the platform's registry what is in their project's repositories, and
 * files of the platform's machine only as an admin, or in the default project.
 */
public final class ImageRights {
    private static final List<String> FILES = List.of("oci:", "oci-archive:", "docker-archive:");

    private final Repositories repositories;
    private final HostNames hosts;

    /**
     * @param domain of the platform, where its registry is
     */
    public ImageRights(Scopes scopes, String domain) {
        this.repositories = new Repositories(scopes);
        this.hosts = new HostNames(domain);
    }

    /** Fails with FORBIDDEN {@code image-not-allowed} or {@code project-missing}. */
    CompletionStage<Void> check(Caller caller, String image) {
        if (FILES.stream().anyMatch(image::startsWith)) {
            return caller.isAdmin() || caller.project().isDefault()
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(noFiles(caller));
        }
        int slash = image.indexOf('/');
        if (slash < 0 || !hosts.isRegistry(image.substring(0, slash))) {
            return CompletableFuture.completedFuture(null);
        }
        String repository = image.substring(slash + 1);
        return repositories
                .areOf(caller, repository)
                .thenAccept(
                        are -> {
                            if (!are) {
                                throw Repositories.refusal(caller, "image \"" + image + "\"");
                            }
                        });
    }

    private static HearthException noFiles(Caller caller) {
        return new HearthException(
                ErrorKind.FORBIDDEN,
                "image-not-allowed",
                "files of the platform's machine are not for the project \""
                        + caller.project()
                        + "\"; push the image, or name the file of your own machine without oci:");
    }
}
