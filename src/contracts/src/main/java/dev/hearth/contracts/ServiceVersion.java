package dev.hearth.contracts;

import java.util.UUID;

/**
 * Which state of which service it is.
 *
 * @param uid of the service, for as long as there is it; another of its name has another
 * @param generation counts its changes from 1, but for those of who may call it
 */
public record ServiceVersion(UUID uid, long generation) {
    /** What a program shows that changes only what it has seen; nobody else should read it. */
    public String etag() {
        return Long.toHexString(uid.getMostSignificantBits() >>> 16) + "-" + generation;
    }
}
