package dev.hearth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Role;
import dev.hearth.testing.ManualClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Somebody tries token after token, at the registry's host of the public port say. */
class AccessGuessesTest {
    private final ManualClock clock = new ManualClock();
    private final MemoryTokens tokens = new MemoryTokens();
    private final Access access = new Access("secret", tokens, new MemoryProjects(), clock);
    private final SecureRandom random = new SecureRandom();

    private String caller(String token) {
        try {
            return access.caller(token).toCompletableFuture().join().name();
        } catch (CompletionException e) {
            return HearthException.from(e).reason();
        }
    }

    private void guess() {
        for (int i = 0; i < 200; i++) {
            caller(ApiToken.text(random));
        }
        assertThat(caller(ApiToken.text(random))).isEqualTo("too-many-guesses");
    }

    @Test
    void token_thatWasGoodLately_goodWhileOthersGuess() {
        String deployers = tokens.give("ci", Role.DEPLOYER);
        assertThat(caller(deployers)).isEqualTo("ci");
        guess();
        assertThat(caller(deployers)).isEqualTo("ci");
        assertThat(caller("secret")).isEqualTo(Caller.BOOTSTRAP.name());
    }

    @Test
    void token_thatIsRevokedWhileOthersGuess_goodForNothingAtOnce() {
        String deployers = tokens.give("ci", Role.DEPLOYER);
        caller(deployers);
        guess();
        tokens.revoke(Caller.BOOTSTRAP, "ci").toCompletableFuture().join();
        assertThat(caller(deployers)).isEqualTo("invalid-token");
        assertThat(caller(deployers)).isEqualTo("too-many-guesses");
        clock.advance(Duration.ofSeconds(2));
        assertThat(caller(deployers)).isEqualTo("invalid-token");
    }

    @Test
    void guesses_beyondTheMost_notLookedUp() {
        guess();
        int looked = tokens.finds;
        guess();
        assertThat(tokens.finds).isEqualTo(looked);
    }
}
