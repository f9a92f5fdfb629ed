package dev.hearth.imagecache.unpack;

import java.io.IOException;

/**
 * A layer that cannot or must not be unpacked. The message goes after "the layer": "has a name that
 * climbs out of it".
 */
public final class BadLayerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What is wrong with it. */
    public enum Fault {
        /** Not what a layer may be. */
        CORRUPT,
        /** Its content is not what its digest promises. */
        WRONG_DIGEST,
        /** More than this node's limits allow. */
        TOO_LARGE
    }

    private final Fault fault;

    public BadLayerException(String message) {
        this(Fault.CORRUPT, message);
    }

    public BadLayerException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
