package dev.hearth.gateway.acme;

import dev.hearth.contracts.AcmeOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.AbstractAcmeProvider;

/** The authority, spoken to by acme4j (RFC 8555). Every call blocks, and ends in bounded time. */
final class AcmeServer {
    private static final Duration CALL = Duration.ofSeconds(20);
    private static final Duration STEP = Duration.ofMinutes(2);

    private final AcmeOptions options;
    private final KeyPair accountKey;
    private final Challenges challenges;

    AcmeServer(AcmeOptions options, KeyPair accountKey, Challenges challenges) {
        this.options = options;
        this.accountKey = accountKey;
        this.challenges = challenges;
    }

    /**
     * Orders a certificate for a name.
     *
     * @param key the certificate's
     * @return the certificate and those that lead to the root
     * @throws AcmeException when the authority refuses, or does not answer in time
     * @throws IOException when the file of the trusted root cannot be used
     */
    List<X509Certificate> order(String name, KeyPair key)
            throws AcmeException, IOException, InterruptedException {
        Session session = session();
        session.networkSettings().setTimeout(CALL);
        AccountBuilder account =
                new AccountBuilder().agreeToTermsOfService().useKeyPair(accountKey);
        options.email().ifPresent(account::addEmail);
        Login login = account.createLogin(session); // the same account each time
        Order order = login.newOrder().domain(name).create();
        for (Authorization authorization : order.getAuthorizations()) {
            if (authorization.getStatus() != Status.VALID) {
                prove(authorization);
            }
        }
        order.waitUntilReady(STEP);
        order.execute(key);
        Status status = order.waitForCompletion(STEP);
        if (status != Status.VALID) {
            throw new AcmeException(reason(order.getError(), "the order is " + status));
        }
        return order.getCertificate().getCertificateChain();
    }

    private void prove(Authorization authorization) throws AcmeException, InterruptedException {
        Http01Challenge challenge =
                authorization
                        .findChallenge(Http01Challenge.class)
                        .orElseThrow(
                                () ->
                                        new AcmeException(
                                                "the authority does not offer the challenge http-01"));
        challenges.add(challenge.getToken(), challenge.getAuthorization());
        try {
            challenge.trigger();
            Status status = authorization.waitForCompletion(STEP);
            if (status != Status.VALID) {
                challenge.fetch();
                throw new AcmeException(reason(challenge.getError(), "the challenge is " + status));
            }
        } finally {
            challenges.remove(challenge.getToken());
        }
    }

    private static String reason(Optional<Problem> problem, String otherwise) {
        return problem.flatMap(Problem::getDetail).orElse(otherwise);
    }

    private Session session() throws IOException {
        Optional<Path> trusted = options.trusted();
        return trusted.isEmpty()
                ? new Session(options.directory())
                : new Session(options.directory(), new Trusting(trusted(trusted.get())));
    }

    private static SSLContext trusted(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            int number = 0;
            for (Certificate root :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                roots.setCertificateEntry("root-" + number++, root);
            }
            TrustManagerFactory managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no certificates that can be used: " + e, e);
        }
    }

    /** An authority whose directory has a certificate of a root of its own. */
    private static final class Trusting extends AbstractAcmeProvider {
        private final SSLContext trusted;

        Trusting(SSLContext trusted) {
            this.trusted = trusted;
        }

        @Override
        public boolean accepts(URI directory) {
            return true;
        }

        @Override
        public URL resolve(URI directory) {
            try {
                return directory.toURL();
            } catch (java.net.MalformedURLException e) {
                throw new IllegalArgumentException("not a URL: " + directory, e);
            }
        }

        @Override
        protected HttpConnector createHttpConnector(NetworkSettings settings) {
            return new HttpConnector(settings) {
                @Override
                public HttpClient.Builder createClientBuilder() {
                    return super.createClientBuilder().sslContext(trusted);
                }
            };
        }
    }
}
