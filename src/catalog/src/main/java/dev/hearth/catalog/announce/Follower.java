package dev.hearth.catalog.announce;

import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgSubscriber;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Announces what other gateways change: their commits are told by PostgreSQL (NOTIFY), within
 * milliseconds. Notifications that come while nobody is connected are lost, so now and then the
 * number of changes is asked for as well, and everything is read anew when it has moved.
 */
public final class Follower {
    private static final Logger LOG = Logger.getLogger(Follower.class);
    private static final String CHANNEL = "hearth_services";
    private static final long RECONNECT_MILLIS = 500;
    private static final long ASK_MILLIS = 5_000;
    private static final Duration LOAD_DEADLINE = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final PgConnectOptions address;
    private final CatalogStore store;
    private final Announcer announcer;
    private final Reconciler reconciler;
    private @Nullable PgSubscriber subscriber;
    private long timer = -1;

    private final AtomicLong heard = new AtomicLong();
    private final AtomicBoolean asking = new AtomicBoolean();

    // while asking, by whoever does
    private volatile long begin = -1;
    private volatile boolean missing;

    public Follower(
            Vertx vertx,
            PgConnectOptions address,
            CatalogStore store,
            Announcer announcer,
            Reconciler reconciler) {
        this.vertx = vertx;
        this.address = address;
        this.store = store;
        this.announcer = announcer;
        this.reconciler = reconciler;
    }

    /** Follows from now on; returns at once. */
    public void start() {
        PgSubscriber listening =
                PgSubscriber.subscriber(vertx, address).reconnectPolicy(tries -> RECONNECT_MILLIS);
        listening.channel(CHANNEL).handler(this::changed);
        listening
                .connect()
                .onFailure(f -> LOG.warnf("changes of other gateways: %s", f.getMessage()));
        subscriber = listening;
        timer = vertx.setPeriodic(ASK_MILLIS, tick -> ask());
    }

    private void changed(String name) {
        heard.incrementAndGet();
        try {
            reconciler.check(new ServiceName(name));
        } catch (HearthException strange) {
            LOG.warnf("told of a service that cannot be: %s", strange.sentence());
        }
    }

    private void ask() {
        if (!asking.compareAndSet(false, true)) {
            return;
        }
        store.changes()
                .subscribe()
                .with(
                        now -> {
                            look(now);
                            asking.set(false);
                        },
                        away -> asking.set(false));
    }

    /**
     * The number moves with every notification, but before it; so what is missing twice was not
     * heard.
     */
    private void look(long now) {
        if (begin < 0) {
            begin = now - heard.get();
            return;
        }
        long unheard = now - begin - heard.get();
        if (unheard != 0 && missing) {
            begin += unheard;
            readAll();
        }
        missing = unheard != 0 && !missing;
    }

    private void readAll() {
        long before = announcer.changes();
        store.routes()
                .ifNoItem()
                .after(LOAD_DEADLINE)
                .fail()
                .subscribe()
                .with(
                        routes -> {
                            if (!announcer.unlessChanged(before, () -> announcer.all(routes))) {
                                readAll(); // something else was announced meanwhile
                            }
                        },
                        failure -> {
                            begin--; // so that it is missing, and read again, the next time
                            LOG.debugf("reading all services: %s", failure.getMessage());
                        });
    }

    /** Follows no more. */
    public void stop() {
        vertx.cancelTimer(timer);
        PgSubscriber listening = subscriber;
        if (listening != null) {
            listening.close();
        }
    }
}
