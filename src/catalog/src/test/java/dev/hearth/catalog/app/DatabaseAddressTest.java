package dev.hearth.catalog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DatabaseAddressTest {
    @Test
    void awaitAnswer_nobodyListens_unavailableWithoutSecrets() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        DatabaseAddress address =
                new DatabaseAddress(
                        "postgresql://me:secret@127.0.0.1:" + port + "/db?password=hidden",
                        "hearth",
                        "covert",
                        Clock.system());

        HearthException failure =
                catchThrowableOfType(
                        HearthException.class, () -> address.awaitAnswer(Duration.ofMillis(50)));

        assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(failure.reason()).isEqualTo("database-unavailable");
        assertThat(failure.sentence())
                .contains("at postgresql://127.0.0.1:" + port + "/db did not answer")
                .doesNotContain("secret", "hidden", "covert");
    }
}
