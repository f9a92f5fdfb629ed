package dev.hearth.gateway.app;

import static dev.hearth.gateway.app.TestGateway.await;
import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.AcmeOptions;
import dev.hearth.contracts.ProjectName;
import dev.hearth.gateway.acme.AcmeCertificates;
import dev.hearth.gateway.acme.Challenges;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of a real authority, Pebble, which looks for its proofs at the gateway's port. */
class AcmeTest {
    private final AtomicReference<Map<String, ProjectName>> domains =
            new AtomicReference<>(Map.of());
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path directory;
    private final Vertx vertx = Vertx.vertx();
    private final Challenges challenges = new Challenges();
    private final ManualClock clock = new ManualClock();
    private final AtomicInteger served = new AtomicInteger();
    private TestGateway gateway;
    private Pebble pebble;

    @BeforeEach
    void need() {
        Pebble.need();
    }

    @AfterEach
    void close() throws Exception {
        if (gateway != null) {
            gateway.close();
        }
        if (pebble != null) {
            pebble.close();
        }
        await(vertx.close());
    }

    private AcmeCertificates certificates(String names, String url) {
        return new AcmeCertificates(
                AcmeOptions.parse(
                        names,
                        Optional.of("me@example.com"),
                        Optional.of(url),
                        Optional.of(directory.resolve("directory.pem").toString()),
                        directory.resolve("acme")),
                domains::get,
                challenges,
                clock);
    }

    private void listen(AcmeCertificates certificates) throws Exception {
        int container =
                await(
                                vertx.createHttpServer()
                                        .requestHandler(
                                                r -> {
                                                    served.incrementAndGet();
                                                    r.response().end("container");
                                                })
                                        .listen(0, "127.0.0.1"))
                        .actualPort();
        gateway =
                new TestGateway(
                        vertx,
                        container,
                        Revisions.of("hello", 80, 10),
                        Optional.of(certificates::files),
                        challenges);
    }

    private X509Certificate shown(String host) {
        try (SSLSocket socket = TlsTest.connect(gateway, host)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private boolean isCertified(String host) {
        return shown(host).getIssuerX500Principal().getName().contains("Pebble");
    }

    @Test
    void ordered_shown_kept_andRenewed() throws Exception {
        AcmeCertificates first = certificates("hello.localhost,other.localhost", "https://none/");
        listen(first); // who may listen before there is an authority
        assertThat(isCertified("hello.localhost")).isFalse();
        pebble = new Pebble(directory, gateway.port);

        X509Certificate ordered;
        try (AcmeCertificates acme =
                certificates("hello.localhost,other.localhost", pebble.url())) {
            acme.begin();
            until("both are certified", LONG, () -> isCertified("hello.localhost"));
            until("both are certified", LONG, () -> isCertified("other.localhost"));
            ordered = shown("hello.localhost");
            assertThat(List.copyOf(ordered.getSubjectAlternativeNames()))
                    .isEqualTo(List.of(List.of(2, "hello.localhost")));
        }
        assertThat(challenges.isEmpty()).isTrue();
        assertThat(served).as("proofs that a container was asked for").hasValue(0);
        assertThat(Files.getPosixFilePermissions(directory.resolve("acme/hello.localhost.pem")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));

        // after a restart it goes on with what it has, and with the same account
        try (AcmeCertificates acme =
                certificates("hello.localhost,other.localhost", pebble.url())) {
            acme.begin();
            Thread.sleep(6_000); // longer than a look takes
            assertThat(shown("hello.localhost")).isEqualTo(ordered);

            // past two thirds of its life there is another, and no handshake failed in between
            clock.advance(Duration.between(clock.now(), ordered.getNotAfter().toInstant()));
            until(
                    "another is shown",
                    LONG,
                    () ->
                            isCertified("hello.localhost")
                                    && !shown("hello.localhost").equals(ordered));
        }
    }

    @Test
    void domainOfAService_addedLater_isCertifiedAndShown() throws Exception {
        AcmeCertificates acme = certificates("hello.localhost", "https://none/");
        listen(acme);
        pebble = new Pebble(directory, gateway.port);
        try (AcmeCertificates later = certificates("hello.localhost", pebble.url())) {
            later.begin();
            until("the first is certified", LONG, () -> isCertified("hello.localhost"));
            assertThat(shown("shop.localhost")).isEqualTo(shown("hello.localhost"));

            domains.set(Map.of("shop.localhost", ProjectName.DEFAULT));

            until(
                    "the domain has its own",
                    LONG,
                    () -> !shown("shop.localhost").equals(shown("hello.localhost")));
            assertThat(List.copyOf(shown("shop.localhost").getSubjectAlternativeNames()))
                    .isEqualTo(List.of(List.of(2, "shop.localhost")));
        }
        domains.set(Map.of());
        until(
                "nobody has it any more",
                LONG,
                () -> shown("shop.localhost").equals(shown("hello.localhost")));
    }

    @Test
    void notProved_triedAgainLater_othersGoOn() throws Exception {
        AcmeCertificates waiting = certificates("hello.localhost", "https://none/");
        listen(waiting);
        pebble = new Pebble(directory, 1); // where nobody listens
        try (AcmeCertificates acme = certificates("hello.localhost", pebble.url())) {
            acme.begin();
            until(
                    "it was asked for a proof",
                    LONG,
                    () ->
                            log().contains("authz") && !challenges.isEmpty()
                                    || log().contains("invalid"));
            until("the order has failed", LONG, challenges::isEmpty);
            assertThat(isCertified("hello.localhost")).isFalse();
            assertThat(get("/")).endsWith("container");
        }
        pebble.close();
        pebble = new Pebble(directory, gateway.port);
        try (AcmeCertificates acme = certificates("hello.localhost", pebble.url())) {
            acme.begin(); // the account's key is known, the account is not: another authority
            until("it is certified", LONG, () -> isCertified("hello.localhost"));
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("pebble.log"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void pathsOfChallenges_withoutOne_areTheContainers() throws Exception {
        listen(certificates("hello.localhost", "https://none/"));
        assertThat(get("/.well-known/acme-challenge/mine")).endsWith("container");
    }

    private String get(String path) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.port)) {
            socket.getOutputStream()
                    .write(
                            ("GET "
                                            + path
                                            + " HTTP/1.1\r\nHost: hello.localhost\r\n"
                                            + "Connection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
