package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.CreatedToken;
import dev.hearth.contracts.AdminApi.NewToken;
import dev.hearth.contracts.AdminApi.TokenBody;
import dev.hearth.contracts.Role;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth tokens}: who may do what. Each of its commands needs an admin's token. */
@Command(
        name = "tokens",
        description = "Make, list and revoke tokens of the admin API.",
        subcommands = {
            TokensCommand.Create.class,
            TokensCommand.ListAll.class,
            TokensCommand.Revoke.class
        })
final class TokensCommand extends HearthCommand {
    @Override
    public Integer call() {
        return usage();
    }

    /** {@code hearth tokens create}: the token is the last line of stdout, this once. */
    @Command(
            name = "create",
            description = "Make a token; prints it, this once: nobody can look it up afterwards.")
    static final class Create extends HearthCommand {
        @Parameters(paramLabel = "NAME", description = "what the audit log calls its holder")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description =
                        "viewer (reads), deployer (changes services too) or admin (everything)")
        @SuppressWarnings("NullAway.Init")
        private String role;

        @Option(
                names = "--expires",
                paramLabel = "AFTER",
                description = "after how long it is good for nothing, such as 720h (never)")
        private @Nullable String expires;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            NewToken wanted = new NewToken(name, Role.parse(role).word(), null, expires);
            CreatedToken made = client().post("/tokens", wanted, CreatedToken.class);
            if (json) {
                printJson(made);
                return 0;
            }
            String end = made.about().expiresAt();
            err().printf(
                            "token %s, a %s's of project %s, %s; keep it, it is shown this once:%n",
                            name,
                            role,
                            made.about().project(),
                            end == null ? "for good" : "until " + end);
            out().println(made.token());
            return 0;
        }
    }

    /** {@code hearth tokens list}. */
    @Command(name = "list", description = "List the tokens, without what they are.")
    static final class ListAll extends HearthCommand {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            TokenBody[] all = client().get("/tokens", TokenBody[].class);
            if (json) {
                printJson(all);
                return 0;
            }
            Table table = new Table("NAME", "PROJECT", "ROLE", "AGE", "EXPIRES");
            for (TokenBody t : all) {
                String end = t.expiresAt();
                table.row(
                        t.name(),
                        t.project(),
                        t.role(),
                        Table.age(t.createdAt(), Instant.now()),
                        end == null ? "never" : t.expired() ? "expired" : end);
            }
            table.print(out());
            return 0;
        }
    }

    /** {@code hearth tokens revoke}. */
    @Command(name = "revoke", description = "Make a token good for nothing, at once.")
    static final class Revoke extends HearthCommand {
        @Parameters(paramLabel = "NAME", description = "the token's name")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        public Integer call() {
            client().delete("/tokens/" + Client.encode(name));
            out().println("revoked " + name);
            return 0;
        }
    }
}
