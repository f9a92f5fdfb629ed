package dev.hearth.contracts;

/**
 * An image pinned to its content.
 *
 * @param reference what was asked for, and where the content can be fetched
 * @param digest of the manifest for this machine's platform
 * @param project with whose log-ins it is fetched
 */
public record ResolvedImage(String reference, Digest digest, ProjectName project) {
    /** One of the default project. */
    public ResolvedImage(String reference, Digest digest) {
        this(reference, digest, ProjectName.DEFAULT);
    }
}
