package dev.hearth.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
    private static final double RATE = 200;

    @Test
    void run_quickServer_answersAllAtTheRate() throws Exception {
        against(Duration.ZERO, 200); // what is loaded at first use takes a while on a busy machine
        Load load = against(Duration.ZERO, 200);
        assertThat(load.requests()).isEqualTo(200);
        assertThat(load.wrong()).isZero();
        assertThat(load.perSecond()).isBetween(RATE / 2, RATE * 2);
    }

    @Test
    void run_serverTwiceTooSlow_latenciesGrowAsTheQueueDoes() throws Exception {
        // 200 requests due within a second, 10 ms each, one at a time: the last waits a second
        Load load = against(Duration.ofMillis(10), 200);
        assertThat(load.requests()).isEqualTo(200);
        assertThat(load.p99Micros()).isGreaterThan(500_000);
    }

    @Test
    void run_refusals_areWrong() throws Exception {
        assertThat(against(Duration.ZERO, 503).wrong()).isEqualTo(100);
    }

    private static Load against(Duration each, int status) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            server.setExecutor(one);
            server.createContext(
                    "/",
                    exchange -> {
                        LockSupport.parkNanos(each.toNanos());
                        answer(exchange, status);
                    });
            server.start();
            Contestant to = new Contestant("server", server.getAddress(), "localhost", List.of());
            // each refusal costs a connection, of which there are 128
            return OpenLoop.run(to, status == 200 ? RATE : RATE / 2, 1, Clock.system());
        } finally {
            server.stop(0);
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        byte[] body = "Hello World!\n".getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(status, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
