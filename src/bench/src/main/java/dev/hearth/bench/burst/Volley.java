package dev.hearth.bench.burst;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests to many services at the same moment, each over a connection of its own that is open
 * already. One thread and a selector, so that the client takes little of the machine it measures.
 */
final class Volley {
    private static final long ACCEPT_NANOS = 200_000_000;
    private static final long DEADLINE_NANOS = 30_000_000_000L;
    private static final int MOST_BYTES = 64 * 1024;

    /**
     * An answer, or what there was of it.
     *
     * @param firstByteNanos since its own request; the deadline when none came
     * @param endNanos of its last byte, since the first request of all
     */
    record Answer(String service, long firstByteNanos, long endNanos, String text) {}

    private static final class Exchange {
        final String service;
        final ByteBuffer received = ByteBuffer.allocate(MOST_BYTES);
        long sent;
        long first = -1;
        long last;

        Exchange(String service) {
            this.service = service;
        }
    }

    private Volley() {}

    /** Fires at once and returns when all have answered, or the deadline is over. */
    static List<Answer> fire(int port, List<String> services, Clock clock) {
        List<SocketChannel> channels = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            List<Exchange> exchanges = new ArrayList<>();
            for (String service : services) {
                SocketChannel channel = SocketChannel.open();
                channels.add(channel);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.configureBlocking(false);
                Exchange exchange = new Exchange(service);
                exchanges.add(exchange);
                channel.register(selector, SelectionKey.OP_READ, exchange);
            }
            LockSupport.parkNanos(ACCEPT_NANOS);
            long begin = clock.nanos();
            for (int i = 0; i < channels.size(); i++) {
                Exchange exchange = exchanges.get(i);
                exchange.sent = clock.nanos();
                channels.get(i).write(request(exchange.service));
            }
            receive(selector, services.size(), begin, clock);
            return exchanges.stream().map(e -> answer(e, begin)).toList();
        } catch (IOException e) {
            throw new BenchFailure("the burst on the gateway broke off: " + e, e);
        } finally {
            channels.forEach(Volley::close);
        }
    }

    private static ByteBuffer request(String service) {
        String head =
                "GET /env HTTP/1.1\r\nHost: " + service + ".localhost\r\nConnection: close\r\n\r\n";
        return ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII));
    }

    private static void receive(Selector selector, int open, long begin, Clock clock)
            throws IOException {
        int left = open;
        while (left > 0 && clock.nanos() - begin < DEADLINE_NANOS) {
            selector.select(100);
            for (SelectionKey key : selector.selectedKeys()) {
                Exchange exchange = (Exchange) key.attachment();
                int got = ((SocketChannel) key.channel()).read(exchange.received);
                long now = clock.nanos();
                if (got > 0) {
                    exchange.first = exchange.first < 0 ? now : exchange.first;
                    exchange.last = now;
                } else {
                    key.cancel();
                    left--;
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private static Answer answer(Exchange e, long begin) {
        boolean none = e.first < 0;
        return new Answer(
                e.service,
                none ? DEADLINE_NANOS : e.first - e.sent,
                none ? DEADLINE_NANOS : e.last - begin,
                new String(e.received.array(), 0, e.received.position(), StandardCharsets.UTF_8));
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new BenchFailure("closing a connection failed: " + e, e);
        }
    }
}
