package dev.hearth.imagecache.manifest;

/**
 * An operating system and a processor, in Go's words as OCI demands: {@code linux/amd64}.
 *
 * @param variant such as {@code v8}, or empty
 */
public record Platform(String os, String architecture, String variant) {

    /** This machine. */
    public static Platform host() {
        return of(System.getProperty("os.arch", ""));
    }

    /** Linux on a processor in Java's words. */
    static Platform of(String javaArch) {
        String architecture =
                switch (javaArch) {
                    case "x86_64", "amd64" -> "amd64";
                    case "aarch64", "arm64" -> "arm64";
                    default -> javaArch;
                };
        return new Platform("linux", architecture, "");
    }

    /** Whether this machine runs what was built for {@code other}; variants do not decide. */
    public boolean runs(Platform other) {
        return os.equals(other.os) && architecture.equals(other.architecture);
    }

    @Override
    public String toString() {
        return variant.isEmpty()
                ? os + "/" + architecture
                : os + "/" + architecture + "/" + variant;
    }
}
