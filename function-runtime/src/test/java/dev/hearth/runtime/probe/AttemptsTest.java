package dev.hearth.runtime.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hearth.contracts.Probe;
import dev.hearth.testing.Ports;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptsTest {
    private static final Inet4Address HERE = Inet4Address.ofLiteral("127.0.0.1");

    private static boolean tried(String probe, int port) throws IOException {
        return Attempts.of(Probe.parse(probe), HERE, port).succeeds();
    }

    @ParameterizedTest
    @CsvSource({
        "200,true",
        "204,true",
        "302,true",
        "399,true",
        "400,false",
        "404,false",
        "503,false"
    })
    void http_status_decides(int status, boolean well) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(HERE, 0), 0);
        AtomicReference<String> asked = new AtomicReference<>("");
        server.createContext(
                "/",
                exchange -> {
                    asked.set(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        server.start();
        try {
            int port = server.getAddress().getPort();
            assertThat(tried("http:/health?deep=1", port)).isEqualTo(well);
            assertThat(asked).hasValue("GET /health?deep=1");
            // another port than the container's own
            assertThat(tried("http:/,port=" + port, 1)).isEqualTo(well);
        } finally {
            server.stop(0);
        }
    }

    /** What a container may say instead of HTTP; the probe's time is up in a tenth of a second. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "200 OK\r\n",
                "HTTP/1.1 2000 OK\r\n",
                "SSH-2.0-x\r\n",
                "HTTP/1.1 200",
                "silence"
            })
    void http_noHttp_isNotWell(String said) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answering =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try (Socket socket = server.accept()) {
                                            if (!said.equals("silence")) {
                                                socket.getOutputStream()
                                                        .write(
                                                                said.getBytes(
                                                                        StandardCharsets.US_ASCII));
                                                socket.shutdownOutput();
                                            }
                                            // until the probe has had enough
                                            socket.getInputStream().readAllBytes();
                                        } catch (IOException probeHasGone) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });
            String probe = "http:/,period=100ms";
            boolean well = tried(probe, server.getLocalPort());
            assertThat(well).isEqualTo(said.equals("HTTP/1.1 200"));
            answering.join();
        }
    }

    @Test
    void nobodyListens_isNotWell() throws Exception {
        int nobody = Ports.free();
        for (String probe : new String[] {"http:/", "tcp", "grpc"}) {
            assertThat(tried(probe, nobody)).as(probe).isFalse();
        }
    }

    @Test
    void tcp_connection_isEnough() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThat(tried("tcp", server.getLocalPort())).isTrue();
        }
    }

    /** Answers each service with the status that it is named after; others as not found. */
    private static final class Health implements BindableService {
        private static final class Octets implements MethodDescriptor.Marshaller<byte[]> {
            @Override
            public InputStream stream(byte[] message) {
                return new ByteArrayInputStream(message);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        @Override
        public ServerServiceDefinition bindService() {
            MethodDescriptor<byte[], byte[]> check =
                    MethodDescriptor.<byte[], byte[]>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName("grpc.health.v1.Health/Check")
                            .setRequestMarshaller(new Octets())
                            .setResponseMarshaller(new Octets())
                            .build();
            return ServerServiceDefinition.builder("grpc.health.v1.Health")
                    .addMethod(check, ServerCalls.asyncUnaryCall(Health::answer))
                    .build();
        }

        private static void answer(byte[] request, StreamObserver<byte[]> to) {
            // HealthCheckRequest: field 1, length, the service's name
            String service =
                    request.length < 2
                            ? ""
                            : new String(request, 2, request.length - 2, StandardCharsets.UTF_8);
            switch (service) {
                case "", "a.Serving" -> reply(to, new byte[] {8, 1});
                case "a.NotServing" -> reply(to, new byte[] {8, 2});
                case "an.Unknown" -> reply(to, new byte[0]);
                default -> to.onError(Status.NOT_FOUND.asRuntimeException());
            }
        }

        private static void reply(StreamObserver<byte[]> to, byte[] status) {
            to.onNext(status);
            to.onCompleted();
        }
    }

    @Test
    void grpc_servingOnly_isWell() throws Exception {
        Server server =
                NettyServerBuilder.forAddress(new InetSocketAddress(HERE, 0))
                        .addService(new Health())
                        .build()
                        .start();
        try {
            int port = server.getPort();
            String time = ",period=30s,timeout=30s"; // a first call loads classes
            assertThat(tried("grpc" + time, port)).isTrue();
            assertThat(tried("grpc:a.Serving" + time, port)).isTrue();
            assertThat(tried("grpc:a.NotServing" + time, port)).isFalse();
            assertThat(tried("grpc:an.Unknown" + time, port)).isFalse();
            assertThat(tried("grpc:no.Such" + time, port)).isFalse();
        } finally {
            server.shutdownNow();
        }
    }
}
