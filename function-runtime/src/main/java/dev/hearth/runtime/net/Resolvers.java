package dev.hearth.runtime.net;

import dev.hearth.contracts.Egress;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Ipv4Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The name servers that instances use, and the rest of their {@code /etc/resolv.conf}
 * (resolv.conf(5)): what the host has, as Docker does it, without what an instance cannot reach.
 *
 * @param servers one address each
 * @param rest the host's search and options lines, with their line ends
 */
public record Resolvers(List<Ipv4Network> servers, String rest) {
    private static final Ipv4Network LOOPBACK = Ipv4Network.parse("127.0.0.0/8");
    private static final Path HOSTS_OWN = Path.of("/etc/resolv.conf");

    /** systemd-resolved's file of the servers behind its own address on loopback. */
    private static final Path BEHIND_RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

    private static final int MOST_BYTES = 16 * 1024;

    public Resolvers {
        servers = List.copyOf(servers);
    }

    /**
     * What the operator gave, or else what the host uses.
     *
     * @param given addresses; throws INVALID {@code invalid-dns} for one that no instance reaches
     */
    public static Resolvers find(List<String> given) throws IOException {
        return find(given, List.of(HOSTS_OWN, BEHIND_RESOLVED), ownAddresses());
    }

    /** The first of {@code files} with a server that is not the host itself decides. */
    static Resolvers find(List<String> given, List<Path> files, Set<Ipv4Network> ownAddresses)
            throws IOException {
        List<Ipv4Network> wanted = new ArrayList<>();
        for (String address : given) {
            wanted.add(reachable(address, ownAddresses));
        }
        String rest = "";
        for (Path file : files) {
            List<String> lines = lines(file);
            if (rest.isEmpty()) {
                rest = rest(lines);
            }
            List<Ipv4Network> servers = servers(lines, ownAddresses);
            if (!given.isEmpty() || !servers.isEmpty()) {
                return new Resolvers(given.isEmpty() ? servers : wanted, rest);
            }
        }
        return new Resolvers(wanted, rest);
    }

    private static Ipv4Network reachable(String text, Set<Ipv4Network> ownAddresses) {
        Ipv4Network server = Ipv4Network.parse(text);
        if (server.prefix() != 32 || isHost(server, ownAddresses)) {
            throw HearthException.invalid(
                    "invalid-dns",
                    "name server "
                            + text
                            + " is the host itself or no single address; instances cannot reach it,"
                            + " name another");
        }
        return server;
    }

    private static List<Ipv4Network> servers(List<String> lines, Set<Ipv4Network> ownAddresses) {
        List<Ipv4Network> servers = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split("\\s+");
            if (words.length < 2 || !words[0].equals("nameserver")) {
                continue;
            }
            try {
                Ipv4Network server = Ipv4Network.parse(words[1]);
                if (server.prefix() == 32
                        && !isHost(server, ownAddresses)
                        && !servers.contains(server)) {
                    servers.add(server);
                }
            } catch (HearthException notIpv4) {
                // IPv6, which instances do not have, or a mistake that others will complain about
            }
        }
        return servers;
    }

    private static boolean isHost(Ipv4Network server, Set<Ipv4Network> ownAddresses) {
        return LOOPBACK.contains(server) || ownAddresses.contains(server);
    }

    private static String rest(List<String> lines) {
        StringBuilder rest = new StringBuilder();
        for (String line : lines) {
            if (line.matches("(search|domain|options)\\s.*")) {
                rest.append(line).append('\n');
            }
        }
        return rest.toString();
    }

    private static List<String> lines(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
            return List.of();
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1)
                .lines()
                .map(String::strip)
                .filter(line -> line.chars().allMatch(c -> c == '\t' || c >= ' ' && c < 127))
                .toList();
    }

    private static Set<Ipv4Network> ownAddresses() throws IOException {
        Set<Ipv4Network> own = new HashSet<>();
        for (NetworkInterface i : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress a : Collections.list(i.getInetAddresses())) {
                if (a.getAddress().length == 4) {
                    own.add(Ipv4Network.parse(a.getHostAddress()));
                }
            }
        }
        return own;
    }

    /** The file for an instance with this policy; empty when it reaches no name server. */
    public String fileFor(Egress egress) {
        StringBuilder file = new StringBuilder();
        for (Ipv4Network server : servers) {
            if (isOpen(egress, server)) {
                file.append("nameserver ").append(server.first()).append('\n');
            }
        }
        return file.isEmpty() ? "" : file.append(rest).toString();
    }

    private static boolean isOpen(Egress egress, Ipv4Network server) {
        return switch (egress) {
            case Egress.None none -> false;
            case Egress.Internet internet -> true;
            case Egress.All all -> true;
            case Egress.Only only -> only.networks().stream().anyMatch(n -> n.contains(server));
        };
    }
}
