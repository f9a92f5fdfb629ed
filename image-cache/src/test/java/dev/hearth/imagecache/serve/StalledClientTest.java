package dev.hearth.imagecache.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.imagecache.source.Digests;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.ManualClock;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that send too little, too slowly, or that never come back. */
class StalledClientTest {
    /** More than the calls that are answered at a time. */
    private static final int MANY = 80;

    @TempDir Path data;
    private final ManualClock clock = new ManualClock();
    private final List<Socket> sockets = new ArrayList<>();
    private EmbeddedRegistry registry;
    private Caller caller;

    @BeforeEach
    void setUp() throws IOException {
        registry = EmbeddedRegistry.open(data, Caller.settings(1 << 20), clock);
        registry.serve((repository, manifest, tag) -> {});
        caller = new Caller(registry.address().orElseThrow(), "team/app");
    }

    @AfterEach
    void tearDown() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        caller.close();
        registry.close();
    }

    @Test
    void heads_neverEnded_othersAreServed() throws IOException {
        for (int i = 0; i < MANY; i++) {
            Socket socket = caller.connect();
            sockets.add(socket);
            socket.getOutputStream().write("GET /v2/ HTT".getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(caller.get("/v2/").statusCode()).isEqualTo(200);
    }

    @Test
    void bodies_neverSentWithoutToken_othersAreServed() throws IOException {
        for (int i = 0; i < MANY; i++) {
            sockets.add(caller.halfSent("POST", uploads(), "wrong", 60_000, new byte[0]));
        }

        assertThat(caller.get("/v2/").statusCode()).isEqualTo(200);
        for (Socket socket : sockets) {
            String answer =
                    new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(answer).isEqualTo("HTTP/1.1 401");
        }
    }

    @Test
    void bodies_neverSent_endAfterAWhileAndLeaveNothing() throws Exception {
        for (int i = 0; i < MANY; i++) {
            sockets.add(caller.halfSent("POST", uploads(), Caller.TOKEN, 60_000, new byte[10]));
        }
        Eventually.until(() -> Caller.files(data, "uploads").size() == 64);

        Thread moving = Thread.ofVirtual().start(this::letTimePass);
        assertThat(caller.get("/v2/").statusCode()).isEqualTo(200);
        Eventually.until(() -> Caller.files(data, "uploads").isEmpty());
        moving.interrupt();
        moving.join();
    }

    @Test
    void body_byteByByte_endsAfterAWhile() throws Exception {
        Socket slow = caller.halfSent("POST", uploads(), Caller.TOKEN, 60_000, new byte[1]);
        sockets.add(slow);
        Eventually.until(() -> received() == 1);
        for (int sent = 2; sent <= 3; sent++) {
            int bytes = sent;
            slow.getOutputStream().write(0);
            Eventually.until(() -> received() == bytes);
            clock.advance(EmbeddedRegistry.STALL.dividedBy(3));
        }
        clock.advance(EmbeddedRegistry.STALL.dividedBy(2));
        slow.getOutputStream().write(0);

        Eventually.until(() -> Caller.files(data, "uploads").isEmpty());
    }

    @Test
    void answers_neverRead_endAfterAWhile() throws Exception {
        byte[] blob = new byte[1 << 20];
        caller.push(blob);
        for (int i = 0; i < MANY; i++) {
            Socket socket = caller.connect();
            sockets.add(socket);
            for (int ask = 0; ask < 20; ask++) { // more than the kernel takes for us
                socket.getOutputStream()
                        .write(
                                ("GET /v2/team/app/blobs/"
                                                + Digests.of(blob)
                                                + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                                + Caller.TOKEN
                                                + "\r\n\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
            }
        }

        Thread moving = Thread.ofVirtual().start(this::letTimePass);
        assertThat(caller.get("/v2/").statusCode()).isEqualTo(200);
        moving.interrupt();
        moving.join();
    }

    private void letTimePass() {
        try {
            while (true) {
                Thread.sleep(200);
                clock.advance(EmbeddedRegistry.STALL.plusSeconds(1));
            }
        } catch (InterruptedException enough) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void uploads_begunAndLeft_makeRoomForOthers() {
        for (int i = 0; i < Uploads.MOST; i++) {
            caller.begin();
        }
        assertThat(caller.call("POST", "blobs/uploads/", new byte[0]))
                .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(429))
                .satisfies(
                        answer ->
                                assertThat(answer.headers().firstValue("Retry-After")).isPresent());

        clock.advance(Uploads.IDLE_IN_A_CROWD.plusSeconds(1));

        assertThat(caller.begin()).contains("/blobs/uploads/");
        assertThat(Caller.files(data, "uploads")).hasSize(1);
    }

    @Test
    void upload_leftForAnHour_isGone() throws IOException {
        String left = caller.begin();
        caller.call("PATCH", left, new byte[1000]);
        assertThat(registry.bytes()).isEqualTo(1000);
        clock.advance(Duration.ofMinutes(59));
        registry.expireUploads();
        assertThat(caller.get(left).statusCode()).isEqualTo(204);

        clock.advance(Duration.ofMinutes(2));
        registry.expireUploads();

        assertThat(caller.get(left).statusCode()).isEqualTo(404);
        assertThat(Caller.files(data, "uploads")).isEmpty();
        assertThat(registry.bytes()).isZero();
    }

    private static String uploads() {
        return "/v2/team/app/blobs/uploads/?digest=" + Digests.of(new byte[0]);
    }

    private long received() {
        return Caller.files(data, "uploads").stream().mapToLong(p -> p.toFile().length()).sum();
    }
}
