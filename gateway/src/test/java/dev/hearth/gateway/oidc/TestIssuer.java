package dev.hearth.gateway.oidc;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** An OpenID Connect issuer of the test's own, on loopback. */
public final class TestIssuer implements AutoCloseable {
    private final HttpServer server;
    private final List<JsonWebKey> published = new CopyOnWriteArrayList<>();

    /** Paths that were asked for. */
    public final List<String> asked = new CopyOnWriteArrayList<>();

    /** What is answered instead, when it is not empty. */
    public volatile String instead = "";

    /** Whether the answers begin, and never end. */
    public volatile boolean stalls;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public TestIssuer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String path = exchange.getRequestURI().getPath();
                    asked.add(path);
                    String text = instead.isEmpty() ? answer(path) : instead;
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(
                            text.isEmpty() ? 500 : 200, stalls ? bytes.length + 1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    if (stalls) {
                        exchange.getResponseBody().flush();
                    } else {
                        exchange.close();
                    }
                });
        server.setExecutor(threads);
        server.start();
    }

    private String answer(String path) {
        return switch (path) {
            case "/.well-known/openid-configuration" ->
                    "{\"issuer\":\"" + url() + "\",\"jwks_uri\":\"" + url() + "/keys\"}";
            case "/keys" ->
                    new JsonWebKeySet(new ArrayList<>(published))
                            .toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
            default -> "";
        };
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A new key, which is published. */
    public PublicJsonWebKey rsa(String id) throws JoseException {
        return publish(RsaJwkGenerator.generateJwk(2048), id);
    }

    /** A new key, which is published. */
    public PublicJsonWebKey ec(String id) throws JoseException {
        return publish(EcJwkGenerator.generateJwk(EllipticCurves.P256), id);
    }

    private PublicJsonWebKey publish(PublicJsonWebKey key, String id) {
        key.setKeyId(id);
        published.add(key);
        return key;
    }

    /** Claims that a service for the audience "hello" takes, of "alice". */
    public JwtClaims claims(Instant now) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(url());
        claims.setAudience("hello");
        claims.setSubject("alice");
        claims.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
        claims.setExpirationTime(NumericDate.fromSeconds(now.getEpochSecond() + 300));
        return claims;
    }

    public static String sign(
            JwtClaims claims,
            PublicJsonWebKey key,
            String algorithm,
            Consumer<JsonWebSignature> more)
            throws JoseException {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(claims.toJson());
        jws.setKey(key.getPrivateKey());
        jws.setKeyIdHeaderValue(key.getKeyId());
        jws.setAlgorithmHeaderValue(algorithm);
        more.accept(jws);
        return jws.getCompactSerialization();
    }

    public static String sign(JwtClaims claims, PublicJsonWebKey key) throws JoseException {
        return sign(claims, key, key.getKeyType().equals("RSA") ? "RS256" : "ES256", nothing -> {});
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
