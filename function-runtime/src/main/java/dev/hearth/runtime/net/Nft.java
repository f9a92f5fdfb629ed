package dev.hearth.runtime.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The {@code nft} program. Every script is one transaction: all of it takes effect, or nothing. */
final class Nft {
    private static final int SECONDS = 10;

    private Nft() {}

    static void apply(String script) throws IOException {
        run(script, "nft", "-f", "-");
    }

    /** The chains of the machine without their rules: who else filters what. */
    static String chains() throws IOException {
        return run("", "nft", "list", "chains");
    }

    private static String run(String input, String... command) throws IOException {
        Process nft;
        try {
            nft = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException absent) {
            throw new IOException(
                    "nft is not installed; install nftables (Debian, Ubuntu: apt-get install nftables)",
                    absent);
        }
        String said;
        try (OutputStream in = nft.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.US_ASCII));
        }
        said = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!nft.waitFor(SECONDS, TimeUnit.SECONDS)) {
                nft.destroyForcibly();
                throw new IOException("nft did not finish within " + SECONDS + " s");
            }
        } catch (InterruptedException e) {
            nft.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while nft ran", e);
        }
        if (nft.exitValue() != 0) {
            throw new IOException("nft refused the instances' rules: " + said.strip());
        }
        return said;
    }
}
