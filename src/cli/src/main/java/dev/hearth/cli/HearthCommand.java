package dev.hearth.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all subcommands share. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
abstract class HearthCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Connection connection;

    /** What a command does that is nothing without one of its own. */
    int usage() {
        spec.commandLine().usage(err());
        return 2;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    Connection connection() {
        return connection;
    }

    Client client() {
        return connection.client();
    }

    void printJson(Object value) {
        try {
            out().println(Client.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of strings always become JSON", e);
        }
    }
}
