package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries whose certificates are of an authority of their own. */
@Timeout(60)
class TrustStoreTest {
    private static final byte[] CONTENT = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final String PASSWORD = "changeit";

    @TempDir Path temp;
    private Path keys;
    private Path pem;

    @BeforeEach
    void setUp() {
        keys = temp.resolve("keys.p12");
        pem = temp.resolve("ca.pem");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Commands.run(
                keytool,
                "-genkeypair",
                "-alias",
                "registry",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "SAN=IP:127.0.0.1",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD);
        Commands.run(
                keytool,
                "-exportcert",
                "-rfc",
                "-alias",
                "registry",
                "-file",
                pem.toString(),
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD);
    }

    @Test
    void find_authorityInTheFile_trusted() throws Exception {
        try (TestRegistry registry = new TestRegistry(server());
                RegistryHttp http = new RegistryHttp(Clock.system(), Optional.of(pem))) {
            registry.answer("/v2/", 200, CONTENT);

            assertThat(find(registry, http)).isEqualTo(Digests.of(CONTENT).value());
        }
    }

    @Test
    void find_authorityUnknown_unavailable() throws Exception {
        try (TestRegistry registry = new TestRegistry(server());
                RegistryHttp http = new RegistryHttp(Clock.system(), Optional.empty())) {
            registry.answer("/v2/", 200, CONTENT);

            assertThatThrownBy(() -> find(registry, http))
                    .extracting(e -> ((HearthException) e).reason())
                    .isEqualTo("registry-unavailable");
            assertThat(registry.seen).isEmpty();
        }
    }

    @Test
    void managers_fileAndJdk_bothTrusted() throws Exception {
        TrustManagerFactory jdk =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        jdk.init((KeyStore) null);
        int known = ((X509TrustManager) jdk.getTrustManagers()[0]).getAcceptedIssuers().length;

        assertThat(TrustStore.authorities(pem)).hasSize(known + 1);
    }

    @Test
    void with_noCertificates_invalidConfig() throws IOException {
        Path empty = Files.createFile(temp.resolve("empty.pem"));
        Path garbage = Files.writeString(temp.resolve("garbage.pem"), "-----BEGIN CERT");
        for (Path file : List.of(empty, garbage, temp.resolve("missing.pem"))) {
            assertThatThrownBy(() -> new RegistryHttp(Clock.system(), Optional.of(file)))
                    .hasMessageContaining(file.toString())
                    .extracting(e -> ((HearthException) e).reason())
                    .isEqualTo("invalid-config");
        }
    }

    /** The registry is asked as a mirror, because loopback registries are called by plain HTTP. */
    private static String find(TestRegistry registry, RegistryHttp http) {
        Mirrors mirrors = Mirrors.parse(List.of("[::1]:1=https://" + registry.host()));
        return TestRegistry.source("[::1]:1/team/app:1", http, TestRegistry.options(mirrors))
                .find(Platform.host())
                .digest()
                .value();
    }

    private HttpsServer server() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return server;
    }
}
