package dev.hearth.contracts;

/**
 * What a deploy needs of the image cache. Both calls block (network, disk) and belong on a virtual
 * thread; both end by themselves within their own deadlines.
 */
public interface ImagePort {
    /**
     * Finds the image that a reference means now, with a project's log-ins, and as its signers want
     * it.
     *
     * @throws HearthException INVALID {@code invalid-image}, NOT_FOUND {@code image-not-found},
     *     UNAVAILABLE {@code registry-unavailable}, INVALID {@code corrupt-image}
     */
    ResolvedImage resolve(ProjectName project, String reference);

    /** For the default project. */
    default ResolvedImage resolve(String reference) {
        return resolve(ProjectName.DEFAULT, reference);
    }

    /**
     * Makes the image ready to run on this node: fetches, verifies and unpacks what is missing. On
     * failure nothing half-made stays behind.
     *
     * @throws HearthException as {@link #resolve}, and INVALID {@code wrong-digest} or {@code
     *     corrupt-layer}, EXHAUSTED {@code disk-full}
     */
    void prefetch(ResolvedImage image);

    /**
     * Who knows which images serve, from now on; those are the last to be evicted. Returns at once.
     */
    void serving(ServedImages images);
}
