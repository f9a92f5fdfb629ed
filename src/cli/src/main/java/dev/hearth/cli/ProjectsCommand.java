package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ProjectBody;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth projects}: who owns what. Each of its commands needs an admin's token. */
@Command(
        name = "projects",
        description = "Make, list and delete projects, each with services and a bill of its own.",
        subcommands = {
            ProjectsCommand.Create.class,
            ProjectsCommand.ListAll.class,
            ProjectsCommand.Delete.class
        })
final class ProjectsCommand extends HearthCommand {
    @Override
    public Integer call() {
        return usage();
    }

    /** {@code hearth projects create}. */
    @Command(name = "create", description = "Make a project; its name is given once, for good.")
    static final class Create extends HearthCommand {
        @Parameters(
                paramLabel = "NAME",
                description = "1 to 30 lower-case letters, digits and single dashes")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        public Integer call() {
            ProjectBody made = client().post("/projects/" + Client.encode(name), ProjectBody.class);
            out().printf(
                            "project %s; `hearth tokens create NAME --role deployer --project %s` lets"
                                    + " somebody deploy there%n",
                            made.name(), made.name());
            return 0;
        }
    }

    /** {@code hearth projects list}. */
    @Command(name = "list", description = "List the projects.")
    static final class ListAll extends HearthCommand {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            ProjectBody[] all = client().get("/projects", ProjectBody[].class);
            if (json) {
                printJson(all);
                return 0;
            }
            Table table = new Table("NAME", "AGE");
            for (ProjectBody p : all) {
                table.row(p.name(), Table.age(p.createdAt(), Instant.now()));
            }
            table.print(out());
            return 0;
        }
    }

    /** {@code hearth projects delete}. */
    @Command(
            name = "delete",
            description = "Delete a project without services, jobs and secrets; its bill stays.")
    static final class Delete extends HearthCommand {
        @Parameters(paramLabel = "NAME", description = "the project's name")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        public Integer call() {
            client().delete("/projects/" + Client.encode(name));
            out().println("deleted " + name);
            return 0;
        }
    }
}
