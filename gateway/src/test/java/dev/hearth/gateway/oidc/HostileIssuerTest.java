package dev.hearth.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.testing.ManualClock;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An issuer is whoever a deployer names, so it may be the deployer's own and mean no good. */
class HostileIssuerTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final ManualClock clock = new ManualClock();
    private TestIssuer issuer;

    @BeforeEach
    void begin() throws Exception {
        issuer = new TestIssuer();
        issuer.rsa("one");
    }

    @AfterEach
    void end() {
        issuer.close();
    }

    private HearthException refusal(JwtCheck check, String of) throws Exception {
        String token = TestIssuer.sign(issuer.claims(clock.now()), issuer.rsa("two"));
        try {
            check.expiry(new Invokers.Jwt(of, "hello", List.of()), token);
        } catch (HearthException e) {
            return e;
        }
        throw new AssertionError("it was accepted");
    }

    @Test
    void document_thatBeginsAndNeverEnds_givenUp() throws Exception {
        issuer.stalls = true;
        JwtCheck check = new JwtCheck(new IssuerDocuments(Duration.ofMillis(300))::keys, clock);
        HearthException why =
                assertTimeoutPreemptively(DEADLINE, () -> refusal(check, issuer.url()));
        assertThat(why.reason()).isEqualTo("issuer-unavailable");
        assertThat(issuer.asked).hasSize(1);
    }

    @Test
    void issuer_thatTakesItsTime_notAskedByEachWhoWaited() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        JwtCheck check =
                new JwtCheck(
                        of -> {
                            asked.incrementAndGet();
                            clock.advance(Duration.ofSeconds(15));
                            throw IssuerDocuments.unavailable(of, "it slept");
                        },
                        clock);
        for (int i = 0; i < 10; i++) {
            refusal(check, issuer.url());
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void failure_whateverItIs_tellsNothingOfWhatThePlatformReaches() throws Exception {
        int nobodys;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobodys = closed.getLocalPort();
        }
        JwtCheck check = new JwtCheck(new IssuerDocuments()::keys, clock);
        String silent = "http://127.0.0.1:" + nobodys;
        String answers = issuer.url() + "/nothing-here";
        String refused = refusal(check, silent).sentence().replace(silent, "");
        assertThat(refusal(check, answers).sentence().replace(answers, "")).isEqualTo(refused);
        assertThat(issuer.asked).hasSize(1);
    }

    @Test
    void keys_ofAnIssuerOnLoopback_notAskedForElsewhereWithoutTls() throws Exception {
        try (TestIssuer other = new TestIssuer()) {
            issuer.instead =
                    "{\"issuer\":\""
                            + issuer.url()
                            + "\",\"jwks_uri\":\""
                            + other.url().replace("127.0.0.1", "localhost")
                            + "/keys\"}";
            refusal(new JwtCheck(new IssuerDocuments()::keys, clock), issuer.url());
            assertThat(issuer.asked).hasSize(1);
            assertThat(other.asked).isEmpty();
        }
    }
}
