package dev.hearth.gateway.oidc;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import java.security.Key;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Whether a JWT is what a service asks of its callers (RFC 7519, RFC 8725): signed by RS256 or
 * ES256 with a key of the issuer's, for the audience, of one of the subjects, neither expired nor
 * too early, give or take half a minute. Blocking, when keys have to be read.
 */
final class JwtCheck {
    /** Clocks differ by so much; OpenID Connect leaves "some small leeway" to us. */
    static final Duration LEEWAY = Duration.ofSeconds(30);

    static final int LONGEST = 16 * 1024;

    private static final int MOST_ISSUERS = 1_000;
    private static final AlgorithmConstraints ALGORITHMS =
            new AlgorithmConstraints(
                    ConstraintType.PERMIT,
                    AlgorithmIdentifiers.RSA_USING_SHA256,
                    AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);

    private final Map<String, IssuerKeys> issuers = new ConcurrentHashMap<>();
    private final UnaryOperator<String> read;
    private final Clock clock;

    /**
     * @param read gives an issuer's key set as JSON; may block
     */
    JwtCheck(UnaryOperator<String> read, Clock clock) {
        this.read = read;
        this.clock = clock;
    }

    /**
     * When a token that is fine expires, in seconds since 1970. UNAUTHENTICATED {@code
     * invalid-token}, FORBIDDEN {@code caller-not-allowed}, UNAVAILABLE {@code issuer-unavailable}.
     */
    long expiry(Invokers.Jwt policy, String token) {
        if (token.length() > LONGEST) {
            throw invalid("it is longer than " + LONGEST + " characters");
        }
        try {
            JwtClaims claims = consumer(policy).processToClaims(token);
            checkSubject(policy, claims.getSubject());
            return claims.getExpirationTime().getValue();
        } catch (InvalidJwtException e) {
            throw refused(e);
        } catch (MalformedClaimException e) {
            throw invalid("one of its claims is not what it should be");
        }
    }

    private JwtConsumer consumer(Invokers.Jwt policy) {
        return new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(ALGORITHMS)
                .setVerificationKeyResolver((jws, around) -> key(policy, jws))
                .setExpectedIssuer(policy.issuer())
                .setExpectedAudience(policy.audience())
                .setRequireExpirationTime()
                .setRequireSubject()
                .setAllowedClockSkewInSeconds((int) LEEWAY.toSeconds())
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.now().toEpochMilli()))
                .build();
    }

    private Key key(Invokers.Jwt policy, JsonWebSignature jws) throws UnresolvableKeyException {
        String id = jws.getKeyIdHeaderValue();
        if (id == null) {
            throw new UnresolvableKeyException("it names no key (kid)");
        }
        return keys(policy.issuer())
                .key(id, type(jws))
                .orElseThrow(() -> new UnresolvableKeyException("its key is not the issuer's"));
    }

    private static String type(JsonWebStructure jws) {
        return AlgorithmIdentifiers.RSA_USING_SHA256.equals(jws.getAlgorithmHeaderValue())
                ? "RSA"
                : "EC";
    }

    private IssuerKeys keys(String issuer) {
        if (issuers.size() >= MOST_ISSUERS && !issuers.containsKey(issuer)) {
            issuers.clear(); // of services that are long gone, most of them; the rest is read again
        }
        return issuers.computeIfAbsent(issuer, i -> new IssuerKeys(i, read, clock));
    }

    private static void checkSubject(Invokers.Jwt policy, String subject) {
        if (!policy.subjects().isEmpty() && !policy.subjects().contains(subject)) {
            throw new HearthException(
                    ErrorKind.FORBIDDEN,
                    "caller-not-allowed",
                    "the token is valid, and its subject is not among the callers of this service");
        }
    }

    private static HearthException refused(InvalidJwtException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof HearthException known) {
                return known;
            }
        }
        if (e.hasErrorCode(ErrorCodes.EXPIRED)) {
            return invalid("it has expired");
        }
        if (e.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)
                || e.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return invalid("it is not for this service's audience");
        }
        if (e.hasErrorCode(ErrorCodes.ISSUER_INVALID)
                || e.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
            return invalid("it is not of this service's issuer");
        }
        if (e.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)) {
            return invalid("its signature is not the issuer's");
        }
        return invalid("it is no JWT that this service takes");
    }

    /** Says nothing of what is in the token. */
    private static HearthException invalid(String why) {
        return new HearthException(
                ErrorKind.UNAUTHENTICATED,
                "invalid-token",
                "the token that the request shows is not accepted: " + why);
    }
}
