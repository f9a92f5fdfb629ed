package dev.hearth.gateway.forward;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.pool.RevisionPool;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.vertx.core.Closeable;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1.1 connections of one event loop to instances, kept for the next request. The one used
 * last is used next, so that the others grow old and are closed. Only touched on its loop.
 */
final class InstanceConnections implements Closeable {
    /** Relays ask for a user's name; any will do. */
    static final String RELAY_USER = "gateway";

    /** After this without a word from the other machine a connection to it is given up. */
    static final int SILENT_MILLIS = 5_000;

    /** The other machine is asked for a word after this, and then every second. */
    static final int SILENT_AFTER_SECONDS = 2;

    static final int SILENT_PROBES = SILENT_MILLIS / 1000 - SILENT_AFTER_SECONDS;

    private static final int CONNECT_MILLIS = 1_000;

    /** With the next look well within {@link RevisionPool#LEAST_REST}. */
    private static final long KEPT_NANOS = 5_000_000_000L;

    private static final long LOOK_SECONDS = 2;

    /** Of what one end has sent and the other is slower to take. */
    static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(128 * 1024, 512 * 1024);

    private final Clock clock;
    private final Flushes flushes;
    private final Bootstrap bootstrap;
    private final Map<InstanceId, ArrayDeque<InstanceConnection>> kept = new HashMap<>();
    private @Nullable EventLoop loop;
    private @Nullable ScheduledFuture<?> looking;
    private boolean closed;

    /** Of the event loop that will connect, until the current context is closed. */
    InstanceConnections(Vertx vertx, Clock clock, Flushes flushes) {
        this.clock = clock;
        this.flushes = flushes;
        VertxInternal internal = (VertxInternal) vertx;
        bootstrap =
                new Bootstrap()
                        .channelFactory(internal.transport().channelFactory(false))
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE);
        internal.getOrCreateContext().addCloseHook(this);
    }

    /** A connection that carries no request; null when there is none. */
    @Nullable InstanceConnection take(InstanceId instance) {
        ArrayDeque<InstanceConnection> free = kept.get(instance);
        return free == null ? null : free.pollLast();
    }

    /** Makes a connection for a request, which is told how that went. */
    void connect(EventLoop mine, StartedInstance to, PlainExchange wanting) {
        if (looking == null) {
            loop = mine;
            looking =
                    mine.scheduleWithFixedDelay(
                            this::closeOld, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        }
        InstanceConnection made = new InstanceConnection(this, to.id(), flushes);
        bootstrap
                .clone(mine)
                .handler(to.relay().<ChannelHandler>map(r -> through(r, made)).orElse(made))
                .connect(new InetSocketAddress(InetAddress.ofLiteral(to.host()), to.port()))
                .addListener(
                        (ChannelFutureListener)
                                connected -> {
                                    if (connected.isSuccess()) {
                                        wanting.connected(made);
                                    } else {
                                        wanting.notConnected();
                                    }
                                });
    }

    /** Asks a node's relay for the instance before anything else goes over the connection. */
    private static ChannelHandler through(StartedInstance.Relay relay, InstanceConnection made) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                Socks5ProxyHandler socks =
                        new Socks5ProxyHandler(
                                new InetSocketAddress(relay.host(), relay.port()),
                                RELAY_USER,
                                relay.password());
                socks.setConnectTimeoutMillis(CONNECT_MILLIS);
                noticeSilence(channel);
                channel.pipeline().addLast(socks, made);
            }
        };
    }

    /** A machine that is cut off says nothing any more; whoever waits for it is told (tcp(7)). */
    private static void noticeSilence(Channel channel) {
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, SILENT_MILLIS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, SILENT_AFTER_SECONDS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, 1);
            channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, SILENT_PROBES);
        }
    }

    /** A connection that has carried its request and may carry another. */
    void keep(InstanceConnection free) {
        if (closed) {
            free.close();
            return;
        }
        free.keptSince(clock.nanos());
        kept.computeIfAbsent(free.instance(), i -> new ArrayDeque<>()).addLast(free);
    }

    /** A kept connection was closed by the container, or must not be used. */
    void forget(InstanceConnection gone) {
        ArrayDeque<InstanceConnection> free = kept.get(gone.instance());
        if (free != null && free.remove(gone) && free.isEmpty()) {
            kept.remove(gone.instance());
        }
    }

    /**
     * A kept connection broke off under a request: the others to that instance may be as dead
     * without our having been told, and each would use up a try.
     */
    void drop(InstanceId instance) {
        ArrayDeque<InstanceConnection> free = kept.remove(instance);
        if (free != null) {
            free.forEach(InstanceConnection::close);
        }
    }

    private void closeOld() {
        long oldest = clock.nanos() - KEPT_NANOS;
        Iterator<ArrayDeque<InstanceConnection>> all = kept.values().iterator();
        while (all.hasNext()) {
            ArrayDeque<InstanceConnection> free = all.next();
            while (!free.isEmpty() && free.peekFirst().keptSince() - oldest < 0) {
                free.pollFirst().close();
            }
            if (free.isEmpty()) {
                all.remove();
            }
        }
    }

    @Override
    public void close(Promise<Void> completion) {
        EventLoop mine = loop;
        if (mine == null) {
            completion.complete(); // nothing was ever connected
        } else {
            mine.execute(
                    () -> {
                        closeAll();
                        completion.complete();
                    });
        }
    }

    private void closeAll() {
        closed = true;
        ScheduledFuture<?> look = looking;
        if (look != null) {
            look.cancel(false);
        }
        kept.values().forEach(free -> free.forEach(InstanceConnection::close));
        kept.clear();
    }
}
