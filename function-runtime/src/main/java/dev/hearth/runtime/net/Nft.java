package dev.hearth.runtime.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code nft} program. Every script is one transaction: all of it takes effect, or nothing. */
final class Nft {
    private static final int SECONDS = 10;

    /** As nft prints Firewall's rule about addresses without an instance. */
    private static final Pattern SUBNET =
            Pattern.compile("ip daddr (10\\.\\d+\\.0\\.0/16) oifname");

    private Nft() {}

    static void apply(String script) throws IOException {
        run(script, "nft", "-f", "-");
    }

    /** The chains of the machine without their rules: who else filters what. */
    static String chains() throws IOException {
        return run("", "nft", "list", "chains");
    }

    /**
     * The instances' subnets in the rules of other platforms of this machine. They stay up when a
     * platform is killed, and then reject what another one sends to instances of its own in such a
     * subnet.
     */
    static Set<String> subnetsOfOthers(String ownTable) throws IOException {
        Set<String> subnets = new HashSet<>();
        for (String line : run("", "nft", "list", "tables").split("\n")) {
            String table = line.substring(line.lastIndexOf(' ') + 1);
            if (table.startsWith("hearth_") && !table.equals(ownTable)) {
                Matcher rule = SUBNET.matcher(rules(table));
                while (rule.find()) {
                    subnets.add(rule.group(1));
                }
            }
        }
        return subnets;
    }

    private static String rules(String table) {
        try {
            return run("", "nft", "list", "table", "inet", table);
        } catch (IOException goneMeanwhile) {
            return "";
        }
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
