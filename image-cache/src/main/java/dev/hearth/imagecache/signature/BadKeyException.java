package dev.hearth.imagecache.signature;

/** Text that is not a usable public key. The message goes after the file's name: "has no key". */
final class BadKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    BadKeyException(String message) {
        super(message);
    }
}
