package dev.hearth.gateway.acme;

import dev.hearth.contracts.AcmeOptions;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.gateway.tls.CertificateFiles;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;

/**
 * Sees to it that each name has a certificate: orders those that are missing, renews those that
 * grow old, one after the other on a thread of its own. The files are what handshakes show (they
 * are watched), so a certificate survives the platform, and one that cannot be renewed goes on.
 * Domains of services have theirs by turns of their projects ({@link Orders}).
 */
public final class AcmeCertificates implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(AcmeCertificates.class);
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final AcmeOptions options;
    private final Supplier<Map<String, ProjectName>> domains;
    private final AcmeFiles files;
    private final Challenges challenges;
    private final Clock clock;
    private final Map<String, Failures> failures = new HashMap<>(); // only touched by the thread
    private final Orders orders = new Orders(); // as well
    private volatile @Nullable Thread thread;

    /**
     * Orders of a name that failed, one after the other.
     *
     * @param until when the next may be tried
     */
    private record Failures(int count, Instant until) {}

    /**
     * @param domains of services, and whose they are; they get certificates too, and come and go
     * @param challenges where proofs are put
     */
    public AcmeCertificates(
            AcmeOptions options,
            Supplier<Map<String, ProjectName>> domains,
            Challenges challenges,
            Clock clock) {
        this.options = options;
        this.domains = domains;
        this.files = new AcmeFiles(options.home());
        this.challenges = challenges;
        this.clock = clock;
    }

    /**
     * The files to watch. For the names that were given at the start there is one that nobody
     * trusts until there is a certificate; services' domains have theirs when it has come.
     */
    public CertificateFiles files() {
        return files.certificates(options.names(), domains.get().keySet(), clock.now());
    }

    /** Begins; the challenges are to be answered from now on. */
    public void begin() {
        thread = Thread.ofVirtual().name("acme").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                orderDue();
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void orderDue() throws InterruptedException {
        Map<String, ProjectName> ofServices = domains.get();
        failures.keySet().removeIf(n -> !options.names().contains(n) && !ofServices.containsKey(n));
        for (String name : options.names()) {
            if (isDue(name)) {
                order(name);
            }
        }
        Map<ProjectName, Deque<String>> due = new HashMap<>();
        ofServices.forEach(
                (name, project) -> {
                    if (!options.names().contains(name) && isDue(name)) {
                        due.computeIfAbsent(project, first -> new ArrayDeque<>()).add(name);
                    }
                });
        Optional<ProjectName> next = orders.next(due.keySet(), clock.now());
        while (next.isPresent()) {
            ProjectName project = next.get();
            Deque<String> its = Objects.requireNonNull(due.get(project), "it wants some");
            String name = its.remove();
            if (its.isEmpty()) {
                due.remove(project);
            }
            orders.made(project, clock.now());
            order(name);
            next = orders.next(due.keySet(), clock.now());
        }
    }

    private boolean isDue(String name) {
        Instant now = clock.now();
        Failures failed = failures.get(name);
        if (failed != null && now.isBefore(failed.until())) {
            return false;
        }
        try {
            Optional<X509Certificate> held = files.certificate(name);
            return held.isEmpty()
                    || !now.isBefore(
                            Attempts.renewal(
                                    held.get().getNotBefore().toInstant(),
                                    held.get().getNotAfter().toInstant()));
        } catch (HearthException e) {
            failed(name, e.sentence(), Optional.empty());
            return false;
        }
    }

    private void order(String name) throws InterruptedException {
        try {
            KeyPair key = AcmeFiles.newKey();
            List<X509Certificate> chain =
                    new AcmeServer(options, files.accountKey(), challenges).order(name, key);
            files.store(name, key, chain);
            failures.remove(name);
            LOG.infof(
                    "certificate for %s, good until %s",
                    name, chain.getFirst().getNotAfter().toInstant());
        } catch (AcmeRateLimitedException e) {
            failed(name, e.getMessage(), e.getRetryAfter());
        } catch (AcmeException | AcmeLazyLoadingException | AcmeProtocolException | IOException e) {
            failed(name, e.getMessage(), Optional.empty());
        } catch (HearthException e) {
            failed(name, e.sentence(), Optional.empty());
        }
    }

    /**
     * @param notBefore what the authority asks for
     */
    private void failed(String name, @Nullable String why, Optional<Instant> notBefore) {
        Failures before = failures.get(name);
        int count = before == null ? 1 : before.count() + 1;
        Instant paused = clock.now().plus(Attempts.pause(count));
        Instant until = notBefore.filter(paused::isBefore).orElse(paused);
        failures.put(name, new Failures(count, until));
        LOG.warnf(
                "no certificate for %s: %s; the next attempt is at %s. The authority must reach port 80 of that name, which --http-port or a port forward has to lead here",
                name, why, until);
    }

    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
