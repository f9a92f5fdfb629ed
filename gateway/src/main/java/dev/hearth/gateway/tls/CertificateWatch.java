package dev.hearth.gateway.tls;

import dev.hearth.contracts.HearthException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Looks every few seconds whether the certificate files have changed: handshakes then show the new
 * ones, and open connections go on. Files that cannot be used, such as a new certificate whose key
 * is still to be written, change nothing and are looked at again.
 */
public final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CertificateWatch.class);

    private final Vertx vertx;
    private final Supplier<CertificateFiles> files;
    private final CurrentCertificates current;
    private final long timer;
    private volatile String used;
    private volatile String refused = "";

    private CertificateWatch(
            Vertx vertx,
            Supplier<CertificateFiles> files,
            CertificateFiles now,
            String loaded,
            long everyMillis) {
        this.vertx = vertx;
        this.files = files;
        this.used = loaded;
        this.current = new CurrentCertificates(now.load(vertx));
        this.timer =
                vertx.setPeriodic(everyMillis, tick -> vertx.executeBlocking(this::look, true));
    }

    /**
     * Loads the files and begins to watch them.
     *
     * @param files those there are, at the moment; the first one stays the same
     * @throws HearthException INVALID {@code invalid-certificate}
     */
    public static CertificateWatch begin(
            Vertx vertx, Supplier<CertificateFiles> files, long everyMillis) {
        try {
            CertificateFiles now = files.get();
            return new CertificateWatch(vertx, files, now, now.stamp(), everyMillis);
        } catch (IOException e) {
            throw HearthException.invalid(
                    "invalid-certificate",
                    "the file " + e.getMessage() + " cannot be read; see --tls-cert and --tls-key");
        }
    }

    /** What handshakes show. */
    public CurrentCertificates current() {
        return current;
    }

    /** Whether there were new ones; one call at a time. */
    private boolean look() {
        CertificateFiles now;
        String stamp;
        try {
            now = files.get();
            stamp = now.stamp();
        } catch (IOException e) {
            tell("missing", "a certificate file is missing: " + e.getMessage());
            return false;
        }
        if (stamp.equals(used)) {
            return false;
        }
        try {
            current.replace(now.load(vertx));
        } catch (HearthException e) {
            tell(stamp, e.sentence());
            return false;
        }
        used = stamp;
        LOG.info("new certificates are in use");
        return true;
    }

    /** Once for each state of the files. */
    private void tell(String state, String sentence) {
        if (!state.equals(refused)) {
            refused = state;
            LOG.warnf("new certificates are not used, the old ones go on: %s", sentence);
        }
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
    }
}
