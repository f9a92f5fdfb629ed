package dev.hearth.cli;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which platform a command talks to. */
public final class Connection {
    private static final String DEFAULT_DATA = "/var/lib/hearth";

    @Option(names = "--data", paramLabel = "DIR", description = "the platform's data directory")
    private @Nullable Path data;

    @Option(names = "--admin-port", paramLabel = "N", description = "its admin port (8081)")
    private @Nullable Integer adminPort;

    @Option(names = "--server", paramLabel = "URL", description = "a remote platform's admin URL")
    private @Nullable String server;

    @Option(names = "--token", paramLabel = "T", description = "its token")
    private @Nullable String token;

    @Option(
            names = "--project",
            paramLabel = "P",
            description = "for which project an admin asks (the token's own)")
    private @Nullable String project;

    private static @Nullable String environment(String name) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? null : value;
    }

    Path data() {
        String named = environment("HEARTH_DATA");
        return data != null ? data : Path.of(named != null ? named : DEFAULT_DATA);
    }

    private String url() {
        String named = server != null ? server : environment("HEARTH_SERVER");
        if (named != null) {
            return named.endsWith("/") ? named.substring(0, named.length() - 1) : named;
        }
        String port = environment("HEARTH_ADMIN_PORT");
        return "http://127.0.0.1:" + (adminPort != null ? adminPort : port != null ? port : "8081");
    }

    private String token() {
        String given = token != null ? token : environment("HEARTH_TOKEN");
        if (given != null) {
            return given;
        }
        Path file = data().resolve("admin-token");
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException absent) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "no-token",
                    "no platform was ever started in "
                            + data()
                            + "; start one with `hearth up`, or say --data DIR or --token T");
        } catch (IOException e) {
            throw HearthException.invalid(
                    "token-unreadable",
                    "the token in " + file + " cannot be read; use sudo, or say --token T");
        }
    }

    /** Which project's things a command is about; empty for the token's own. */
    Optional<ProjectName> project() {
        String named = project != null ? project : environment("HEARTH_PROJECT");
        return Optional.ofNullable(named).map(ProjectName::new);
    }

    Client client() {
        return new Client(url(), token(), project());
    }

    /**
     * Where the platform's registry is: on the machine that this talks to, by the name or address
     * that leads there, since the platform's domain need not be known to any name server here.
     *
     * @param host of the registry as the platform knows it, with its port unless that is 80
     */
    String registry(String host) {
        int colon = host.lastIndexOf(':');
        String port = colon < 0 ? "" : host.substring(colon);
        String named = server != null ? server : environment("HEARTH_SERVER");
        String machine = named == null ? "127.0.0.1" : URI.create(named).getHost();
        return "http://" + machine + port + "/";
    }
}
