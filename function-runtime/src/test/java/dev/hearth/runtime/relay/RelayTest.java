package dev.hearth.runtime.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelayTest {
    private static final String PASSWORD = "the-password";

    private final Vertx vertx = Vertx.vertx();
    private ServerSocket instance;
    private Relay relay;
    private int port;

    @BeforeEach
    void listen() throws IOException {
        instance = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::echo);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        relay =
                Relay.listen(
                        vertx,
                        "127.0.0.1",
                        port,
                        PASSWORD::equals,
                        (host, p) -> host.equals("127.0.0.1") && p == instance.getLocalPort());
    }

    /** Sends everything back, until the client ends. */
    private void echo() {
        try {
            while (true) {
                Socket client = instance.accept();
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (client) {
                                        client.getInputStream()
                                                .transferTo(client.getOutputStream());
                                    } catch (IOException gone) {
                                        // the client is, which the test sees
                                    }
                                });
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    @AfterEach
    void close() throws Exception {
        relay.close();
        instance.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String hex(InputStream in, int octets) throws IOException {
        return HexFormat.of().formatHex(in.readNBytes(octets));
    }

    private String request(int to) {
        return "05010001" + "7f000001" + String.format("%04x", to);
    }

    private static String login(String password) {
        return "0501020101" // version, one method, password; version, one octet of name
                + "67"
                + String.format("%02x", password.length())
                + HexFormat.of().formatHex(password.getBytes(StandardCharsets.US_ASCII));
    }

    private static void send(Socket to, String hex) throws IOException {
        to.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    @Test
    void everythingAtOnce_isAnsweredInOrder() throws Exception {
        try (Socket socket = connect()) {
            send(socket, login(PASSWORD) + request(instance.getLocalPort()) + "6869");
            assertThat(hex(socket.getInputStream(), 14))
                    .isEqualTo("0502" + "0100" + "05000001000000000000");
            assertThat(hex(socket.getInputStream(), 2)).isEqualTo("6869");
        }
    }

    @Test
    void octetByOctet_isTheSame() throws Exception {
        try (Socket socket = connect()) {
            socket.setTcpNoDelay(true);
            String all = login(PASSWORD) + request(instance.getLocalPort());
            for (int i = 0; i < all.length(); i += 2) {
                send(socket, all.substring(i, i + 2));
                Thread.sleep(1);
            }
            assertThat(hex(socket.getInputStream(), 14)).endsWith("05000001000000000000");
            send(socket, "6869");
            assertThat(hex(socket.getInputStream(), 2)).isEqualTo("6869");
        }
    }

    /** The JDK's own client, which knows nothing of ours. */
    @Test
    void anotherClient_megabytesBothWays() throws Exception {
        Authenticator.setDefault(
                new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        return new PasswordAuthentication("anybody", PASSWORD.toCharArray());
                    }
                });
        try (Socket socket =
                new Socket(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("127.0.0.1", port)))) {
            socket.connect(new InetSocketAddress("127.0.0.1", instance.getLocalPort()), 5_000);
            socket.setSoTimeout(20_000);
            byte[] much = new byte[8 << 20];
            new java.util.Random(1).nextBytes(much);
            Thread writer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            socket.getOutputStream().write(much);
                                        } catch (IOException e) {
                                            throw new java.io.UncheckedIOException(e);
                                        }
                                    });
            assertThat(socket.getInputStream().readNBytes(much.length)).isEqualTo(much);
            writer.join();
        } finally {
            Authenticator.setDefault(null);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // no password offered; a wrong one; another version of the protocol
        "050100, 05ff",
        "05010201016703626164, 05020101",
        "04010001, 05ff",
    })
    void whoCannotShowThePassword_isSentAway(String sent, String answer) throws Exception {
        try (Socket socket = connect()) {
            send(socket, sent);
            assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
                    .isEqualTo(answer);
        }
    }

    @Test
    void anythingButAnInstance_isNotReached() throws Exception {
        try (Socket socket = connect();
                ServerSocket other = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            send(socket, login(PASSWORD) + request(other.getLocalPort()));
            assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
                    .isEqualTo("0502" + "0100" + "05020001000000000000");
        }
    }

    @ParameterizedTest
    @CsvSource({
        // BIND; a name instead of an address
        "05020001, 05070001000000000000",
        "05010003, 05080001000000000000",
    })
    void otherRequests_areRefused(String request, String answer) throws Exception {
        try (Socket socket = connect()) {
            send(socket, login(PASSWORD) + request);
            assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
                    .isEqualTo("0502" + "0100" + answer);
        }
    }

    @Test
    void instanceThatIsGone_isSaidToRefuse() throws Exception {
        int gone = instance.getLocalPort();
        relay.close();
        instance.close();
        relay = Relay.listen(vertx, "127.0.0.1", port, PASSWORD::equals, (h, p) -> p == gone);
        try (Socket socket = connect()) {
            send(socket, login(PASSWORD) + request(gone));
            assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
                    .endsWith("05050001000000000000");
        }
    }
}
