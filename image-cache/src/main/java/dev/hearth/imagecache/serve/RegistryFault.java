package dev.hearth.imagecache.serve;

/**
 * A call that the registry refuses, with the code that the <a
 * href="https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes">OCI
 * distribution specification</a> has for it.
 */
final class RegistryFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The specification's codes, each with the status it is sent with. */
    enum Code {
        BLOB_UNKNOWN(404),
        BLOB_UPLOAD_INVALID(400),
        BLOB_UPLOAD_UNKNOWN(404),
        DENIED(403),
        DIGEST_INVALID(400),
        MANIFEST_BLOB_UNKNOWN(400),
        MANIFEST_INVALID(400),
        MANIFEST_UNKNOWN(404),
        NAME_INVALID(400),
        NAME_UNKNOWN(404),
        SIZE_INVALID(413),
        TOOMANYREQUESTS(429),
        UNAUTHORIZED(401),
        UNSUPPORTED(405),
        /** Not the specification's: Docker's code for what is the registry's own failure. */
        UNKNOWN(500);

        private final int status;

        Code(int status) {
            this.status = status;
        }
    }

    private final Code code;
    private final int status;

    /**
     * @param message one sentence for whoever pushes
     */
    RegistryFault(Code code, String message) {
        this(code, code.status, message);
    }

    /** As above, with another status than the code's usual one. */
    RegistryFault(Code code, int status, String message) {
        super(message);
        this.code = code;
        this.status = status;
    }

    Code code() {
        return code;
    }

    int status() {
        return status;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}
