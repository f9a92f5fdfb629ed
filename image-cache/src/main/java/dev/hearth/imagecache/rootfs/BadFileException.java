package dev.hearth.imagecache.rootfs;

import java.io.IOException;

/**
 * A file of an image that is not what it should be, through the image's own fault. The message goes
 * after the image's name: "its /etc/os-release is not a regular file".
 */
public final class BadFileException extends IOException {
    private static final long serialVersionUID = 1L;

    public BadFileException(String message) {
        super(message);
    }
}
