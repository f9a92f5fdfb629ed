package dev.hearth.runtime.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The rules that keep instances from each other and from the host, in a table of our own.
 *
 * <p>They need no connection tracking, which instances could exhaust and which would slow every
 * other packet of the machine: an instance only ever answers, so of what it sends, TCP segments
 * that do not open a connection may pass, to the gateway's side of its own subnet, from its own
 * address. All else is dropped, in every address family.
 */
final class Firewall {
    private static final int SECONDS = 10;

    private final String table;

    Firewall(String table) {
        this.table = table;
    }

    /**
     * Puts the rules up, in place of any that an earlier run left.
     *
     * @param prefix of the names of the host's ends
     * @param subnet of the instances
     */
    void put(String prefix, String subnet) throws IOException {
        nft(
                """
                table inet %1$s
                delete table inet %1$s
                table inet %1$s {
                    chain input {
                        type filter hook input priority filter - 10; policy accept;
                        iifname "%2$s*" fib saddr . iif oif missing drop
                        iifname "%2$s*" ip daddr %3$s tcp flags & (syn | ack) != syn accept
                        iifname "%2$s*" drop
                    }
                    chain forward {
                        type filter hook forward priority filter - 10; policy accept;
                        iifname "%2$s*" drop
                        oifname "%2$s*" drop
                    }
                    chain output {
                        type filter hook output priority filter - 10; policy accept;
                        ip daddr %3$s oifname != "%2$s*" reject with icmp type host-unreachable
                    }
                }
                """
                        .formatted(table, prefix, subnet));
    }

    void remove() throws IOException {
        // naming it first makes the deletion succeed when it is gone already
        nft("table inet %1$s\ndelete table inet %1$s\n".formatted(table));
    }

    private static void nft(String script) throws IOException {
        Process nft;
        try {
            nft = new ProcessBuilder("nft", "-f", "-").redirectErrorStream(true).start();
        } catch (IOException absent) {
            throw new IOException(
                    "nft is not installed; install nftables (Debian, Ubuntu: apt-get install nftables)",
                    absent);
        }
        try (OutputStream in = nft.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.US_ASCII));
        }
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
            String said = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            throw new IOException("nft refused the instances' rules: " + said.strip());
        }
    }
}
