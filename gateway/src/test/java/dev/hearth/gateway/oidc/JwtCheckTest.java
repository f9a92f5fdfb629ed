package dev.hearth.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JwtCheckTest {
    private final ManualClock clock = new ManualClock();
    private final JwtCheck check = new JwtCheck(new IssuerDocuments()::keys, clock);
    private TestIssuer issuer;
    private PublicJsonWebKey key;
    private Invokers.Jwt policy;

    @BeforeEach
    void begin() throws Exception {
        issuer = new TestIssuer();
        key = issuer.rsa("one");
        policy = new Invokers.Jwt(issuer.url(), "hello", List.of());
    }

    @AfterEach
    void end() {
        issuer.close();
    }

    private JwtClaims claims() {
        return issuer.claims(clock.now());
    }

    private HearthException refusal(String token) {
        return refusal(policy, token);
    }

    private HearthException refusal(Invokers.Jwt by, String token) {
        try {
            check.expiry(by, token);
        } catch (HearthException e) {
            assertThat(e.sentence()).doesNotContain("alice");
            return e;
        }
        throw new AssertionError("it was accepted");
    }

    private void isInvalid(String token, String why) {
        HearthException refused = refusal(token);
        assertThat(refused.kind()).isEqualTo(ErrorKind.UNAUTHENTICATED);
        assertThat(refused.reason()).isEqualTo("invalid-token");
        assertThat(refused.sentence()).contains(why);
    }

    @Test
    void token_ofEitherAlgorithm_accepted() throws Exception {
        long end = clock.now().getEpochSecond() + 300;
        assertThat(check.expiry(policy, TestIssuer.sign(claims(), key))).isEqualTo(end);
        PublicJsonWebKey ec = issuer.ec("two");
        clock.advance(Duration.ofSeconds(11)); // the new key may be asked for
        assertThat(check.expiry(policy, TestIssuer.sign(claims(), ec))).isEqualTo(end + 11);
        assertThat(issuer.asked)
                .containsExactly(
                        "/.well-known/openid-configuration",
                        "/keys",
                        "/.well-known/openid-configuration",
                        "/keys");
    }

    @Test
    void token_forSeveralAudiencesOrOfAListedSubject_accepted() throws Exception {
        JwtClaims several = claims();
        several.setAudience("other", "hello");
        Invokers.Jwt listed = new Invokers.Jwt(issuer.url(), "hello", List.of("bob", "alice"));
        assertThat(check.expiry(listed, TestIssuer.sign(several, key))).isPositive();
        HearthException stranger =
                refusal(
                        new Invokers.Jwt(issuer.url(), "hello", List.of("bob")),
                        TestIssuer.sign(claims(), key));
        assertThat(stranger.kind()).isEqualTo(ErrorKind.FORBIDDEN);
    }

    @Test
    void token_ofAnotherTime_refusedBeyondTheLeeway() throws Exception {
        String token = TestIssuer.sign(claims(), key);
        clock.advance(Duration.ofSeconds(325));
        assertThat(check.expiry(policy, token)).isPositive();
        clock.advance(Duration.ofSeconds(10));
        isInvalid(token, "expired");
        JwtClaims early = claims();
        early.setNotBefore(NumericDate.fromSeconds(clock.now().getEpochSecond() + 20));
        assertThat(check.expiry(policy, TestIssuer.sign(early, key))).isPositive();
        early.setNotBefore(NumericDate.fromSeconds(clock.now().getEpochSecond() + 60));
        isInvalid(TestIssuer.sign(early, key), "no JWT");
        JwtClaims endless = claims();
        endless.unsetClaim("exp");
        isInvalid(TestIssuer.sign(endless, key), "no JWT");
    }

    @Test
    void token_forOrOfSomebodyElse_refused() throws Exception {
        JwtClaims elsewhere = claims();
        elsewhere.setAudience("other");
        isInvalid(TestIssuer.sign(elsewhere, key), "audience");
        elsewhere.unsetClaim("aud");
        isInvalid(TestIssuer.sign(elsewhere, key), "audience");
        JwtClaims foreign = claims();
        foreign.setIssuer("https://id.example.com");
        isInvalid(TestIssuer.sign(foreign, key), "issuer");
        JwtClaims nobodys = claims();
        nobodys.unsetClaim("sub");
        isInvalid(TestIssuer.sign(nobodys, key), "no JWT");
    }

    @Test
    void token_signedOtherwise_refused() throws Exception {
        PublicJsonWebKey forged = RsaJwkGenerator.generateJwk(2048);
        forged.setKeyId("one");
        isInvalid(TestIssuer.sign(claims(), forged), "signature");
        forged.setKeyId("three");
        isInvalid(TestIssuer.sign(claims(), forged), "no JWT");
        isInvalid(TestIssuer.sign(claims(), key, "RS512", jws -> {}), "no JWT");
        isInvalid(TestIssuer.sign(claims(), key, "PS256", jws -> {}), "no JWT");
        isInvalid(
                TestIssuer.sign(
                        claims(),
                        key,
                        "HS256",
                        jws -> jws.setKey(new HmacKey(key.getPublicKey().getEncoded()))),
                "no JWT");
        isInvalid(
                TestIssuer.sign(
                        claims(),
                        key,
                        "none",
                        jws -> {
                            jws.setKey(null);
                            jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
                        }),
                "no JWT");
        isInvalid(
                TestIssuer.sign(
                        claims(),
                        key,
                        "RS256",
                        jws -> jws.getHeaders().setStringHeaderValue("kid", null)),
                "no JWT");
    }

    @Test
    void token_thatIsNone_refused() throws Exception {
        String fine = TestIssuer.sign(claims(), key);
        for (String garbage :
                List.of(
                        "",
                        ".",
                        "..",
                        "a.b.c",
                        fine + "x",
                        fine.substring(0, fine.lastIndexOf('.')),
                        fine.substring(1),
                        Base64.getUrlEncoder()
                                .encodeToString("{}".getBytes(StandardCharsets.UTF_8)))) {
            assertThat(refusal(garbage).kind()).as(garbage).isEqualTo(ErrorKind.UNAUTHENTICATED);
        }
        isInvalid("x".repeat(JwtCheck.LONGEST + 1), "longer");
    }

    @Test
    void keys_unknownOnes_askedForRarely() throws Exception {
        String fine = TestIssuer.sign(claims(), key);
        check.expiry(policy, fine);
        PublicJsonWebKey next = issuer.rsa("next");
        String byNext = TestIssuer.sign(claims(), next);
        for (int i = 0; i < 20; i++) {
            isInvalid(byNext, "no JWT"); // nobody makes the gateway ask with every request
        }
        assertThat(issuer.asked).hasSize(2);
        clock.advance(Duration.ofSeconds(11));
        assertThat(check.expiry(policy, byNext)).isPositive();
        assertThat(issuer.asked).hasSize(4);
        clock.advance(Duration.ofMinutes(59));
        assertThat(check.expiry(policy, TestIssuer.sign(claims(), key))).isPositive();
        assertThat(issuer.asked).hasSize(4);
        clock.advance(Duration.ofMinutes(2));
        assertThat(check.expiry(policy, TestIssuer.sign(claims(), key))).isPositive();
        assertThat(issuer.asked).hasSize(6);
    }

    @Test
    void issuer_away_oldKeysCountForADay() throws Exception {
        check.expiry(policy, TestIssuer.sign(claims(), key));
        issuer.close();
        clock.advance(Duration.ofHours(23));
        assertThat(check.expiry(policy, TestIssuer.sign(claims(), key))).isPositive();
        clock.advance(Duration.ofHours(2));
        HearthException unknown = refusal(TestIssuer.sign(claims(), key));
        assertThat(unknown.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(unknown.reason()).isEqualTo("issuer-unavailable");
    }

    @Test
    void issuer_thatSaysNothingOfUse_unavailable() throws Exception {
        String fine = TestIssuer.sign(claims(), key);
        for (String strange :
                List.of(
                        "no JSON",
                        "[]",
                        "{\"issuer\":\"https://other.example.com\"}",
                        "{\"issuer\":\"" + issuer.url() + "\"}",
                        "{\"issuer\":\"" + issuer.url() + "\",\"jwks_uri\":\"file:///etc/passwd\"}",
                        "x".repeat(300_000))) {
            issuer.instead = strange;
            HearthException unknown = refusal(fine);
            assertThat(unknown.reason()).as(strange).isEqualTo("issuer-unavailable");
            clock.advance(Duration.ofSeconds(11));
        }
        issuer.instead = "";
        assertThat(check.expiry(policy, fine)).isPositive();
    }

    @Test
    void issuer_away_saysSo() throws Exception {
        String fine = TestIssuer.sign(claims(), key);
        issuer.close();
        assertThatThrownBy(() -> check.expiry(policy, fine))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
                            assertThat(e.sentence()).contains(issuer.url());
                        });
    }
}
