package dev.hearth.contracts;

/**
 * An image pinned to its content.
 *
 * @param reference what was asked for, and where the content can be fetched
 * @param digest of the manifest for this machine's platform
 */
public record ResolvedImage(String reference, Digest digest) {}
