package dev.hearth.gateway.app;

import static dev.hearth.gateway.app.TestGateway.await;
import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.tls.CertificateFiles;
import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTPS with certificate files, and new files while it runs. */
class TlsTest {
    @TempDir Path directory;
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private CertificateFiles files() {
        return CertificateFiles.parse(
                directory.resolve("a.pem") + "," + directory.resolve("b.pem"),
                directory.resolve("a.key") + "," + directory.resolve("b.key"));
    }

    private TestGateway door() throws Exception {
        int container =
                await(
                                vertx.createHttpServer()
                                        .requestHandler(
                                                r ->
                                                        r.response()
                                                                .end(
                                                                        r.getHeader(
                                                                                "X-Forwarded-Proto")))
                                        .listen(0, "127.0.0.1"))
                        .actualPort();
        return new TestGateway(
                vertx, container, Revisions.of("hello", 80, 10), Optional.of(this::files));
    }

    private HttpClientResponse get(TestGateway door, String host, HttpVersion version)
            throws Exception {
        return await(
                vertx.createHttpClient(
                                new HttpClientOptions()
                                        .setSsl(true)
                                        .setTrustAll(true)
                                        .setVerifyHost(false)
                                        .setForceSni(true)
                                        .setUseAlpn(true)
                                        .setKeepAlive(false)
                                        .setProtocolVersion(version))
                        .request(
                                new RequestOptions()
                                        .setServer(
                                                SocketAddress.inetSocketAddress(
                                                        door.tlsPort, "127.0.0.1"))
                                        .setHost(host)
                                        .setPort(door.tlsPort))
                        // within one step: a body that comes before somebody wants it is lost
                        .compose(request -> request.send().compose(r -> r.body().map(r))));
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void https_eitherVersionByAlpn_certificateByName(HttpVersion version) throws Exception {
        TestCertificate.write(directory, "a", "hello.localhost");
        TestCertificate.write(directory, "b", "other.localhost");
        try (TestGateway door = door()) {
            HttpClientResponse response = get(door, "hello.localhost", version);
            assertThat(response.version()).isEqualTo(version);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(await(response.body()).toString()).isEqualTo("https");
            assertThat(certificate(door, "hello.localhost")).isEqualTo("CN=hello.localhost");
            assertThat(certificate(door, "other.localhost")).isEqualTo("CN=other.localhost");
            assertThat(certificate(door, "nobody.localhost")).isEqualTo("CN=hello.localhost");
        }
    }

    /** Whom the gateway shows to a client that names a host. */
    private static String certificate(TestGateway door, String host) throws Exception {
        try (SSLSocket socket = connect(door, host)) {
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    static SSLSocket connect(TestGateway door, String host) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new TrustsAll()}, null);
        SSLSocket socket =
                (SSLSocket) trusting.getSocketFactory().createSocket("127.0.0.1", door.tlsPort);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Test
    void malformedRequest_isRefusedBehindTlsToo() throws Exception {
        TestCertificate.write(directory, "a", "hello.localhost");
        TestCertificate.write(directory, "b", "other.localhost");
        try (TestGateway door = door();
                SSLSocket socket = connect(door, "hello.localhost")) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            ("GET / HTTP/1.1\r\nHost: hello.localhost\r\n"
                                            + "Host: other.localhost\r\n\r\n")
                                    .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("X-Hearth-Error");
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void newFiles_areUsedWhenTheyFit_andTheOldOnesUntilThen() throws Exception {
        TestCertificate.write(directory, "a", "hello.localhost");
        TestCertificate.write(directory, "b", "other.localhost");
        TestCertificate.write(directory, "new", "renewed.localhost");
        try (TestGateway door = door()) {
            move("new.pem", "a.pem"); // its key is not there yet
            assertThatThrownBy(() -> files().load(vertx))
                    .isInstanceOf(HearthException.class)
                    .hasMessageContaining("a.pem");
            assertThat(certificate(door, "nobody.localhost")).isEqualTo("CN=hello.localhost");
            move("new.key", "a.key");
            until(
                    "the new certificate is shown",
                    Duration.ofSeconds(30),
                    () -> {
                        try {
                            return certificate(door, "nobody.localhost")
                                    .equals("CN=renewed.localhost");
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
        }
    }

    private void move(String from, String to) throws Exception {
        Files.move(
                directory.resolve(from),
                directory.resolve(to),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void keyOfAnother_isRefusedWithOneSentence() throws Exception {
        TestCertificate.write(directory, "a", "hello.localhost");
        TestCertificate.write(directory, "b", "other.localhost");
        CertificateFiles mixed =
                CertificateFiles.parse(
                        directory.resolve("a.pem").toString(),
                        directory.resolve("b.key").toString());
        assertThatThrownBy(() -> mixed.load(vertx))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("invalid-certificate");
                            assertThat(e.sentence()).contains("the key is another certificate's");
                        });
    }
}
