package dev.hearth.cli;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say who may call a service from now on; without any that stays as it is. */
final class InvokerOptions {
    @Option(
            names = "--private",
            description =
                    "only callers with the invoker token (DATA/invoker-token, as Authorization: Bearer) may"
                            + " call the service, from now on")
    private boolean onlyWithToken;

    @Option(names = "--public", description = "anyone may call the service, from now on")
    private boolean forAnyone;

    @Option(
            names = "--invoker-issuer",
            paramLabel = "URL",
            description =
                    "only callers with a JWT of this OpenID Connect issuer (as Authorization: Bearer) may"
                            + " call the service, from now on")
    private @Nullable String issuer;

    @Option(
            names = "--invoker-audience",
            paramLabel = "AUD",
            description = "that the JWT has to be for")
    private @Nullable String audience;

    @Option(
            names = "--invoker-subject",
            paramLabel = "SUB",
            description = "of whom it may be (anyone's); may be repeated")
    private List<String> subjects = new ArrayList<>();

    /** Throws INVALID {@code invalid-invokers} when they contradict each other. */
    Optional<Invokers> invokers() {
        int ways = (onlyWithToken ? 1 : 0) + (forAnyone ? 1 : 0) + (issuer != null ? 1 : 0);
        if (ways > 1) {
            throw HearthException.invalid(
                    "invalid-invokers",
                    "a service is either --private, --public or for an --invoker-issuer's callers");
        }
        String url = issuer;
        if (url == null) {
            if (audience != null || !subjects.isEmpty()) {
                throw HearthException.invalid(
                        "invalid-invokers",
                        "--invoker-audience and --invoker-subject need an --invoker-issuer");
            }
            return onlyWithToken
                    ? Optional.of(Invokers.TOKEN)
                    : forAnyone ? Optional.of(Invokers.ANYONE) : Optional.empty();
        }
        if (audience == null) {
            throw HearthException.invalid(
                    "invalid-invokers",
                    "say what the JWT has to be for, with --invoker-audience: without it a token"
                            + " for any other service would do");
        }
        return Optional.of(new Invokers.Jwt(url, audience, subjects));
    }
}
