package dev.hearth.cli;

import dev.hearth.contracts.HearthException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The root of the {@code hearth} command. Exit codes: 0 done, 1 failed, 2 the caller has to change
 * something.
 */
@Command(
        name = "hearth",
        mixinStandardHelpOptions = true,
        version = "hearth 0.1.0",
        description = "Push an image, get a URL; it runs only while requests run.",
        subcommands = {
            DeployCommand.class,
            ApplyCommand.class,
            JobsCommand.class,
            ServicesCommand.class,
            DescribeCommand.class,
            RevisionsCommand.class,
            TrafficCommand.class,
            RollbackCommand.class,
            DeleteCommand.class,
            InstancesCommand.class,
            ImagesCommand.class,
            LogsCommand.class,
            ExplainCommand.class,
            UsageCommand.class,
            BudgetCommand.class,
            DomainsCommand.class,
            ProjectsCommand.class,
            TokensCommand.class,
            InvokerTokenCommand.class,
            AuditCommand.class,
            SecretsCommand.class,
            QuotaCommand.class,
            StopCommand.class,
            DownCommand.class,
            DemoCommand.class,
            RehearseCommand.class
        },
        footer = {
            "",
            "Run by the script itself:",
            "  up         start the platform: hearth up [--data DIR] [--http-port 8080] [--detach] …",
            "  demo       build, start, deploy a sample, call it cold and warm: hearth demo [flask]",
            "  bench      measure: hearth bench cold|density|churn|pull|fleet|gateway|"
                    + "keep-alive|load-step|services|jmh",
            "  test       run every test"
        })
public final class HearthCli implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(
                run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /** Runs one command line; returns its exit code. */
    static int run(PrintWriter rawOut, PrintWriter rawErr, String... args) {
        PrintWriter out = new PrintWriter(new TerminalText(rawOut), true);
        PrintWriter err = new PrintWriter(new TerminalText(rawErr), true);
        CommandLine line =
                new CommandLine(new HearthCli())
                        .setOut(out)
                        .setErr(err)
                        .setParameterExceptionHandler(HearthCli::badOption)
                        .setExecutionExceptionHandler(HearthCli::failed);
        int code = line.execute(args);
        out.flush();
        err.flush();
        return code;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int badOption(CommandLine.ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("hearth: " + e.getMessage());
        err.println(
                "  see: hearth "
                        + e.getCommandLine().getCommandName().replace("hearth", "")
                        + " --help");
        return 2;
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
        HearthException known = HearthException.from(e);
        line.getErr().println("hearth: " + known.sentence());
        known.details().forEach(detail -> line.getErr().println("    " + detail));
        return known.kind().isCallersFault() ? 2 : 1;
    }
}
