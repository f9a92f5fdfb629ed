package dev.hearth.imagecache.manifest;

/**
 * A document that is not what it should be. The message goes after the image's name: "its manifest
 * names no configuration".
 */
public final class BadDocumentException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadDocumentException(String message) {
        super(message);
    }
}
