package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ResealedBody;
import dev.hearth.contracts.AdminApi.SecretBody;
import dev.hearth.contracts.AdminApi.SecretVersionBody;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.SecretPort;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth secrets}: values that only instances are told. */
@Command(
        name = "secrets",
        description = "Keep values that only instances are told; `deploy --secret` gives them.",
        subcommands = {
            SecretsCommand.Create.class,
            SecretsCommand.Add.class,
            SecretsCommand.ListAll.class,
            SecretsCommand.Versions.class,
            SecretsCommand.Enable.class,
            SecretsCommand.Disable.class,
            SecretsCommand.Destroy.class,
            SecretsCommand.Delete.class,
            SecretsCommand.Reseal.class
        })
final class SecretsCommand extends HearthCommand {
    @Override
    public Integer call() {
        return usage();
    }

    private static String path(String name) {
        return "/secrets/" + Client.encode(name);
    }

    /** What takes a value: never as an argument, which every user of the machine could see. */
    private abstract static class Writing extends HearthCommand {
        @Parameters(paramLabel = "NAME", description = "the secret's name")
        @SuppressWarnings("NullAway.Init")
        String name;

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "holds the value, every byte of it (standard input)")
        private @Nullable Path file;

        abstract String path();

        @Override
        public Integer call() throws IOException {
            SecretVersionBody made = client().send(path(), value(), SecretVersionBody.class);
            out().printf("secret %s, version %d%n", made.name(), made.version());
            return 0;
        }

        private byte[] value() throws IOException {
            try (InputStream in = file == null ? System.in : Files.newInputStream(file)) {
                byte[] value = in.readNBytes(SecretPort.MOST_BYTES + 1);
                if (value.length == 0 || value.length > SecretPort.MOST_BYTES) {
                    throw HearthException.invalid(
                            "invalid-secret",
                            (file == null ? "the value on standard input" : file.toString())
                                    + " is empty or has more than "
                                    + SecretPort.MOST_BYTES
                                    + " bytes");
                }
                return value;
            } catch (java.nio.file.NoSuchFileException e) {
                throw HearthException.invalid("no-such-file", "there is no file " + file);
            }
        }
    }

    @Command(
            name = "create",
            description = "Make a secret: printf %%s \"$VALUE\" | hearth secrets create NAME")
    static final class Create extends Writing {
        @Override
        String path() {
            return "/secrets?name=" + Client.encode(name);
        }
    }

    @Command(name = "add", description = "Add a version, which is the latest from now on.")
    static final class Add extends Writing {
        @Override
        String path() {
            return SecretsCommand.path(name) + "/versions";
        }
    }

    @Command(name = "list", description = "List the secrets, without their values.")
    static final class ListAll extends HearthCommand {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            SecretBody[] all = client().get("/secrets", SecretBody[].class);
            if (json) {
                printJson(all);
                return 0;
            }
            Table table = new Table("NAME", "LATEST", "AGE");
            for (SecretBody s : all) {
                table.row(
                        s.name(),
                        Integer.toString(s.latest()),
                        Table.age(s.createdAt(), Instant.now()));
            }
            table.print(out());
            return 0;
        }
    }

    @Command(name = "versions", description = "List a secret's versions, newest first.")
    static final class Versions extends HearthCommand {
        @Parameters(paramLabel = "NAME", description = "the secret's name")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            SecretVersionBody[] all =
                    client().get(
                                    SecretsCommand.path(name) + "/versions",
                                    SecretVersionBody[].class);
            if (json) {
                printJson(all);
                return 0;
            }
            Table table = new Table("VERSION", "STATE", "KEY", "AGE");
            for (SecretVersionBody v : all) {
                table.row(
                        Integer.toString(v.version()),
                        v.state(),
                        v.keyId().isEmpty() ? "-" : v.keyId(),
                        Table.age(v.createdAt(), Instant.now()));
            }
            table.print(out());
            return 0;
        }
    }

    /** What is done to one version. */
    private abstract static class OfVersion extends HearthCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "the secret's name")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Parameters(index = "1", paramLabel = "VERSION", description = "a number")
        private int version;

        abstract String verb();

        @Override
        public Integer call() {
            String path = SecretsCommand.path(name) + "/versions/" + version + "/" + verb();
            SecretVersionBody now = client().post(path, SecretVersionBody.class);
            out().printf("secret %s, version %d: %s%n", now.name(), now.version(), now.state());
            return 0;
        }
    }

    @Command(name = "enable", description = "Let instances have a version again.")
    static final class Enable extends OfVersion {
        @Override
        String verb() {
            return "enable";
        }
    }

    @Command(
            name = "disable",
            description = "Let no instance that starts have a version, until it is enabled.")
    static final class Disable extends OfVersion {
        @Override
        String verb() {
            return "disable";
        }
    }

    @Command(name = "destroy", description = "Remove a version's value, for good.")
    static final class Destroy extends OfVersion {
        @Override
        String verb() {
            return "destroy";
        }
    }

    @Command(name = "delete", description = "Remove a secret that no service asks for.")
    static final class Delete extends HearthCommand {
        @Parameters(paramLabel = "NAME", description = "the secret's name")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        public Integer call() {
            client().delete(SecretsCommand.path(name));
            out().println("deleted " + name);
            return 0;
        }
    }

    @Command(
            name = "reseal",
            description = "Encrypt with the current key what other keys encrypted; for an admin.")
    static final class Reseal extends HearthCommand {
        @Override
        public Integer call() {
            ResealedBody done = client().post("/reseal-secrets", ResealedBody.class);
            out().printf("encrypted %d versions with the current key%n", done.versions());
            return 0;
        }
    }
}
