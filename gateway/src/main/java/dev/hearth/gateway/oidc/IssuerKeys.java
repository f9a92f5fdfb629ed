package dev.hearth.gateway.oidc;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import java.security.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.Use;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one issuer. They are read when the first token comes, once an hour after that, and
 * when a token names a key that is not among them, but not more often than every ten seconds,
 * whatever tokens say. While the issuer is away the old ones count for a day.
 *
 * <p>Concurrency: one thread at a time reads; others that need keys wait for it, which it does not
 * let them do for longer than its own deadlines.
 */
final class IssuerKeys {
    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final long OFTEN_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long FRESH_NANOS = Duration.ofHours(1).toNanos();
    private static final long USABLE_NANOS = Duration.ofDays(1).toNanos();
    private static final int MOST_KEYS = 100;

    /** All that callers are told of why. */
    private static final String NOT_READ = "they cannot be read; the gateway's log says why";

    private final String issuer;
    private final UnaryOperator<String> read;
    private final Clock clock;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Read last;

    // guarded by reading
    private boolean tried;
    private long triedNanos;
    private @Nullable HearthException failure;

    private record Read(List<PublicJsonWebKey> keys, long atNanos) {}

    /**
     * @param read gives an issuer's key set as JSON; may block
     */
    IssuerKeys(String issuer, UnaryOperator<String> read, Clock clock) {
        this.issuer = issuer;
        this.read = read;
        this.clock = clock;
    }

    /**
     * The key that a token names; empty when the issuer has none of that name. Blocking, when it
     * has to be looked for. UNAVAILABLE {@code issuer-unavailable}.
     *
     * @param type RSA or EC
     */
    Optional<Key> key(String id, String type) {
        Read now = last;
        if (now == null || clock.nanos() - now.atNanos > FRESH_NANOS) {
            now = refreshed();
        }
        Optional<Key> found = find(now, id, type);
        return found.isPresent() ? found : find(refreshed(), id, type);
    }

    private static Optional<Key> find(Read read, String id, String type) {
        return read.keys.stream()
                .filter(k -> id.equals(k.getKeyId()) && type.equals(k.getKeyType()))
                .map(PublicJsonWebKey::getPublicKey)
                .<Key>map(k -> k)
                .findFirst();
    }

    private Read refreshed() {
        reading.lock();
        try {
            if (!tried || clock.nanos() - triedNanos > OFTEN_NANOS) {
                tried = true;
                readAnew();
                triedNanos = clock.nanos(); // so that those who waited do not read in their turn
            }
            Read now = last;
            if (now != null && clock.nanos() - now.atNanos <= USABLE_NANOS) {
                return now;
            }
            throw failure != null ? failure : IssuerDocuments.unavailable(issuer, "they are old");
        } finally {
            reading.unlock();
        }
    }

    private void readAnew() {
        try {
            last = new Read(parse(read.apply(issuer)), clock.nanos());
            failure = null;
        } catch (HearthException e) {
            LOG.warn(e.sentence());
            failure = IssuerDocuments.unavailable(issuer, NOT_READ);
        }
    }

    private List<PublicJsonWebKey> parse(String json) {
        try {
            List<PublicJsonWebKey> keys = new ArrayList<>();
            for (JsonWebKey key : new JsonWebKeySet(json).getJsonWebKeys()) {
                boolean signs = key.getUse() == null || key.getUse().equals(Use.SIGNATURE);
                if (key instanceof PublicJsonWebKey shared && signs && key.getKeyId() != null) {
                    keys.add(shared);
                }
            }
            return keys.subList(0, Math.min(MOST_KEYS, keys.size()));
        } catch (JoseException e) {
            throw IssuerDocuments.unavailable(issuer, "what it calls its keys is no key set");
        }
    }
}
