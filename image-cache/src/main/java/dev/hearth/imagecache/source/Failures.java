package dev.hearth.imagecache.source;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;

/** The sentences of what goes wrong with an image, so that one fault has one reason everywhere. */
public final class Failures {
    private Failures() {}

    public static HearthException notFound(String reference, String why) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "image-not-found",
                "image " + reference + " not found: " + why);
    }

    /**
     * @param why goes after the image's name: "its manifest is not valid"
     */
    public static HearthException corrupt(String reference, String why) {
        return HearthException.invalid(
                "corrupt-image",
                "image " + reference + " cannot be used: " + why + "; build or push it again");
    }

    /** As {@link #corrupt(String, String)}, for what reading a document found out. */
    public static HearthException corrupt(String reference, BadDocumentException why) {
        return corrupt(reference, String.valueOf(why.getMessage()));
    }

    public static HearthException wrongDigest(String reference, String why) {
        return HearthException.invalid(
                "wrong-digest",
                "image " + reference + " is not what it should be: " + why + "; push it again");
    }

    public static HearthException unreadable(String reference, Exception cause) {
        return new HearthException(
                ErrorKind.INVALID,
                "corrupt-image",
                "image " + reference + " cannot be read (" + cause + "); check the file",
                cause);
    }
}
