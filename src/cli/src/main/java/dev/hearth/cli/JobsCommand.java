package dev.hearth.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hearth jobs}: what runs to its end, when it is told to or by a schedule. */
@Command(
        name = "jobs",
        description = "What runs to its end: deploy, run and look at jobs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            JobsDeployCommand.class,
            JobsListCommand.class,
            JobsDescribeCommand.class,
            JobsRunCommand.class,
            JobsExecutionsCommand.class,
            JobsLogsCommand.class,
            JobsCancelCommand.class,
            JobsDeleteCommand.class
        })
final class JobsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }
}
