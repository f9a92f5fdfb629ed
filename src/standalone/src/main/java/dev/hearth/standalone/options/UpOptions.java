package dev.hearth.standalone.options;

import dev.hearth.contracts.AcmeOptions;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Ipv4Network;
import dev.hearth.contracts.TrustedProxies;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line of {@code hearth up}. */
public final class UpOptions {
    private static final Pattern DOMAIN =
            Pattern.compile(
                    "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    private static final Pattern BROKERS =
            Pattern.compile("[A-Za-z0-9.\\[\\]:_-]+:\\d{1,5}(,[A-Za-z0-9.\\[\\]:_-]+:\\d{1,5})*");

    private UpOptions() {}

    /** The text of {@code hearth up --help}. */
    public static String help() {
        return new CommandLine(spec()).getUsageMessage();
    }

    /** Whether help is all that was asked for. */
    public static boolean wantsHelp(String... args) {
        for (String arg : args) {
            if (arg.equals("--help") || arg.equals("-h")) {
                return true;
            }
        }
        return false;
    }

    /**
     * What the arguments and the environment ask for.
     *
     * @param environment {@code HEARTH_DATA}, {@code HEARTH_ADMIN_PORT} and {@code PGPASSWORD} are
     *     looked at; an argument wins
     * @throws HearthException INVALID {@code invalid-option} and others
     */
    public static Settings parse(Map<String, String> environment, String... args) {
        ParseResult given;
        try {
            given = new CommandLine(spec()).parseArgs(args);
        } catch (ParameterException e) {
            throw HearthException.invalid(
                    "invalid-option", e.getMessage() + "; `hearth up --help` lists the options");
        }
        int httpPort = port("--http-port", given, "8080");
        int adminPort =
                port("--admin-port", given, environment.getOrDefault("HEARTH_ADMIN_PORT", "8081"));
        if (httpPort == adminPort) {
            throw HearthException.invalid(
                    "invalid-port",
                    "--http-port and --admin-port are both "
                            + httpPort
                            + "; choose two different ones");
        }
        String database = given.matchedOptionValue("--database", null);
        return new Settings(
                data(given.matchedOptionValue("--data", environment.get("HEARTH_DATA"))),
                httpPort,
                adminPort,
                domain(given.matchedOptionValue("--domain", "localhost")),
                tls(given, httpPort, adminPort),
                database == null
                        ? null
                        : DatabaseUrl.parse(database, environment.getOrDefault("PGPASSWORD", "")),
                brokers(given.matchedOptionValue("--kafka", null)),
                collector(given.matchedOptionValue("--otlp", null)),
                nameServers(given.matchedOptionValue("--dns", null)),
                proxies(given.matchedOptionValue("--trusted-proxies", null)));
    }

    private static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("hearth up");
        spec.usageMessage().description("Starts the platform on this machine.");
        add(spec, "--data", "DIR", "where everything is kept ($HEARTH_DATA; /var/lib/hearth)");
        add(spec, "--http-port", "PORT", "where requests come in (8080)");
        add(
                spec,
                "--admin-port",
                "PORT",
                "the admin API, loopback only ($HEARTH_ADMIN_PORT; 8081)");
        add(spec, "--domain", "NAME", "services are at NAME.DOMAIN (localhost)");
        add(
                spec,
                "--tls-cert",
                "FILE[,FILE...]",
                "serves HTTPS with these certificates (PEM), and notices new ones");
        add(spec, "--tls-key", "FILE[,FILE...]", "their private keys (PEM), in the same order");
        add(
                spec,
                "--acme-domain",
                "NAME[,NAME...]",
                "serves HTTPS for these names with certificates it gets and renews itself (ACME);"
                        + " who says so agrees to the authority's terms");
        add(spec, "--acme-email", "ADDRESS", "where the authority may write to (none)");
        add(spec, "--acme-directory", "URL", "the authority's directory (Let's Encrypt's)");
        add(spec, "--acme-ca", "FILE", "root of the directory's own certificate (the usual ones)");
        add(spec, "--https-port", "PORT", "where HTTPS requests come in (8443)");
        add(spec, "--database", "URL", "a PostgreSQL to use instead of the embedded one");
        add(spec, "--kafka", "HOST:PORT", "a Kafka to use instead of the embedded one");
        add(spec, "--otlp", "URL", "an OpenTelemetry collector for traces (none)");
        add(
                spec,
                "--trusted-proxies",
                "NETWORK[,NETWORK...]",
                "load balancers in front, whose X-Forwarded headers are believed (none)");
        add(spec, "--dns", "IP[,IP...]", "name servers of the containers (those of this machine)");
        return spec;
    }

    private static void add(CommandSpec spec, String name, String label, String description) {
        spec.addOption(
                OptionSpec.builder(name)
                        .paramLabel(label)
                        .type(String.class)
                        .description(description)
                        .build());
    }

    private static int port(String option, ParseResult given, String otherwise) {
        String text = given.matchedOptionValue(option, otherwise);
        if (text.matches("\\d{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw HearthException.invalid(
                "invalid-port",
                option + " \"" + text + "\" is not a port; give a number between 1 and 65535");
    }

    private static Settings.@Nullable Tls tls(ParseResult given, int httpPort, int adminPort) {
        String certificates = given.matchedOptionValue("--tls-cert", null);
        String keys = given.matchedOptionValue("--tls-key", null);
        String names = given.matchedOptionValue("--acme-domain", null);
        if (names == null) {
            refuseAlone(given, "--acme-email");
            refuseAlone(given, "--acme-directory");
            refuseAlone(given, "--acme-ca");
        }
        boolean files = certificates != null || keys != null;
        if (names == null && !files && !given.hasMatchedOption("--https-port")) {
            return null;
        }
        if (names != null && files) {
            throw HearthException.invalid(
                    "invalid-certificate",
                    "--acme-domain gets certificates itself and --tls-cert names files of them; use one of the two");
        }
        if (names == null && (certificates == null || keys == null)) {
            throw HearthException.invalid(
                    "invalid-certificate",
                    "HTTPS needs both a certificate and its key; say --tls-cert FILE --tls-key FILE, or --acme-domain NAME");
        }
        int port = port("--https-port", given, "8443");
        if (port == httpPort || port == adminPort) {
            throw HearthException.invalid(
                    "invalid-port",
                    "--https-port " + port + " is used for something else; choose another port");
        }
        return names == null
                ? new Settings.TlsFiles(port, absolute(certificates), absolute(keys))
                : acme(given, port, names);
    }

    private static void refuseAlone(ParseResult given, String option) {
        if (given.hasMatchedOption(option)) {
            throw HearthException.invalid(
                    "invalid-acme",
                    option + " is for the certificates of --acme-domain; name the hosts with it");
        }
    }

    private static Settings.Tls acme(ParseResult given, int port, String names) {
        String email = given.matchedOptionValue("--acme-email", null);
        String directory = given.matchedOptionValue("--acme-directory", null);
        String ca = given.matchedOptionValue("--acme-ca", null);
        AcmeOptions.parse(
                names,
                Optional.ofNullable(email),
                Optional.ofNullable(directory),
                Optional.ofNullable(ca),
                Path.of(""));
        return new Settings.TlsAcme(
                port, names, email, directory, ca == null ? null : absolute(ca));
    }

    private static String absolute(String paths) {
        return Stream.of(paths.split(",", -1))
                .map(path -> Path.of(path.strip()).toAbsolutePath().normalize().toString())
                .collect(Collectors.joining(","));
    }

    private static Path data(@Nullable String text) {
        if (text != null && (text.isBlank() || text.indexOf('\0') >= 0)) {
            throw HearthException.invalid(
                    "invalid-data-directory", "--data names no directory; say --data DIR");
        }
        return Path.of(text == null ? "/var/lib/hearth" : text).toAbsolutePath().normalize();
    }

    private static String domain(String text) {
        if (!DOMAIN.matcher(text).matches()) {
            throw HearthException.invalid(
                    "invalid-domain",
                    "--domain \""
                            + text
                            + "\" is not a domain name such as localhost or apps.example.com");
        }
        return text;
    }

    private static @Nullable String brokers(@Nullable String text) {
        if (text != null && !BROKERS.matcher(text).matches()) {
            throw HearthException.invalid(
                    "invalid-kafka",
                    "--kafka \"" + text + "\" is not HOST:PORT such as kafka:9092");
        }
        return text;
    }

    private static @Nullable String nameServers(@Nullable String text) {
        if (text != null && !Stream.of(text.split(",", -1)).allMatch(UpOptions::isNameServer)) {
            throw HearthException.invalid(
                    "invalid-dns",
                    "--dns \""
                            + text
                            + "\" is not a list of IPv4 addresses beyond this machine such as"
                            + " 192.168.1.1,9.9.9.9");
        }
        return text;
    }

    private static @Nullable String proxies(@Nullable String text) {
        if (text != null) {
            TrustedProxies.parse(text);
        }
        return text;
    }

    private static boolean isNameServer(String text) {
        try {
            return Ipv4Network.parse(text).first().equals(text) && !text.startsWith("127.");
        } catch (HearthException notAnAddress) {
            return false;
        }
    }

    private static @Nullable String collector(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            URI uri = URI.create(text);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null) {
                return text;
            }
        } catch (IllegalArgumentException notAUrl) {
            // falls through to the one message below
        }
        throw HearthException.invalid(
                "invalid-otlp",
                "--otlp \"" + text + "\" is not a URL such as http://localhost:4318");
    }
}
