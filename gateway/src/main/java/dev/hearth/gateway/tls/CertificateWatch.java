package dev.hearth.gateway.tls;

import dev.hearth.contracts.HearthException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.SSLOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;

/**
 * Looks every few seconds whether the certificate files have changed, and gives new ones to the
 * servers: new connections see them, open ones go on. Files that cannot be used, such as a new
 * certificate whose key is still to be written, change nothing and are looked at again.
 */
public final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CertificateWatch.class);

    private final Vertx vertx;
    private final CertificateFiles files;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final long timer;
    private volatile String used;
    private volatile String refused = "";

    /**
     * @param loaded stamp of the files when the servers got theirs
     */
    private CertificateWatch(Vertx vertx, CertificateFiles files, String loaded, long everyMillis) {
        this.vertx = vertx;
        this.files = files;
        this.used = loaded;
        this.timer = vertx.setPeriodic(everyMillis, tick -> look());
    }

    /** Begins; call before the files are first loaded, so that no change is missed. */
    public static CertificateWatch begin(Vertx vertx, CertificateFiles files, long everyMillis) {
        try {
            return new CertificateWatch(vertx, files, files.stamp(), everyMillis);
        } catch (IOException e) {
            throw HearthException.invalid(
                    "invalid-certificate",
                    "the file " + e.getMessage() + " cannot be read; see --tls-cert and --tls-key");
        }
    }

    /** Adds a server that has the certificates of now. */
    public void add(HttpServer server) {
        servers.add(server);
    }

    private void look() {
        vertx.<SSLOptions>executeBlocking(this::changed)
                .compose(this::use)
                .onFailure(failure -> LOG.error("the certificates were not looked at", failure));
    }

    /** New certificates, or null when there are none to use. */
    @SuppressWarnings("NullAway") // a Vert.x future's value may be null
    private SSLOptions changed() {
        String stamp;
        try {
            stamp = files.stamp();
        } catch (IOException e) {
            tell("missing", "a certificate file is missing: " + e.getMessage());
            return null;
        }
        if (stamp.equals(used)) {
            return null;
        }
        try {
            SSLOptions fresh =
                    new SSLOptions().setKeyCertOptions(files.load(vertx)).setUseAlpn(true);
            used = stamp;
            return fresh;
        } catch (HearthException e) {
            tell(stamp, e.sentence());
            return null;
        }
    }

    /** Once for each state of the files. */
    private void tell(String state, String sentence) {
        if (!state.equals(refused)) {
            refused = state;
            LOG.warnf("new certificates are not used, the old ones go on: %s", sentence);
        }
    }

    private Future<Void> use(SSLOptions fresh) {
        if (fresh == null) {
            return Future.succeededFuture();
        }
        return Future.all(servers.stream().map(s -> s.updateSSLOptions(fresh)).toList())
                .onSuccess(done -> LOG.info("new certificates are in use"))
                .mapEmpty();
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
    }
}
