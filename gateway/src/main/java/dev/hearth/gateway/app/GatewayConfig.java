package dev.hearth.gateway.app;

import dev.hearth.contracts.AcmeOptions;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.admin.PublicAddress;
import dev.hearth.gateway.tls.CertificateFiles;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The gateway's settings; each constructor parameter names its key and default. */
@Singleton
public class GatewayConfig {
    private final int rehearsals;
    private final String httpHost;
    private final int httpPort;
    private final String domain;
    private final String adminToken;
    private final String registryToken;
    private final String invokerToken;
    private final boolean tracing;
    private final int httpsPort;
    private final Optional<String> certificates;
    private final Optional<String> keys;
    private final AcmeConfig acme;
    private final TrustedProxies proxies;
    private final Path data;
    private final Duration usageInterval;
    private final String brokers;
    private final BillConfig billing;
    private final Duration drain;

    /**
     * @param httpHost the address to listen on
     * @param httpPort where requests come in
     * @param rehearsals cold requests that are rehearsed at start; 0 for none
     * @param domain what follows a service's name in its host name
     * @param adminToken the bearer token of the admin API
     * @param registryToken what images are pushed with; none where there is no registry
     * @param invokerToken what private services are called with; without one nobody can
     * @param httpsPort where TLS is spoken when there are certificates
     * @param certificates PEM files with commas between; without any there is no TLS
     * @param keys theirs, in the same order
     * @param proxies networks with commas between whose word about where requests come from counts
     * @param acme or what to get certificates by
     * @param data the platform's directory
     * @param usageInterval between two records of what is billed
     * @param brokers where Kafka is
     * @param billing what is billed, and how
     * @param drain how long requests are still taken, for other gateways, after it was told to stop
     * @param telemetryOff whether nothing is exported; an OTLP endpoint given at start turns it on
     */
    @Inject
    GatewayConfig(
            @ConfigProperty(name = "hearth.gateway.rehearsals", defaultValue = "400")
                    int rehearsals,
            @ConfigProperty(name = "hearth.http-host", defaultValue = "0.0.0.0") String httpHost,
            @ConfigProperty(name = "hearth.http-port", defaultValue = "8080") int httpPort,
            @ConfigProperty(name = "hearth.domain", defaultValue = "localhost") String domain,
            @ConfigProperty(name = "hearth.admin-token") String adminToken,
            @ConfigProperty(name = "hearth.registry-token") Optional<String> registryToken,
            @ConfigProperty(name = "hearth.invoker-token") Optional<String> invokerToken,
            @ConfigProperty(name = "hearth.https-port", defaultValue = "8443") int httpsPort,
            @ConfigProperty(name = "hearth.tls.certificates") Optional<String> certificates,
            @ConfigProperty(name = "hearth.tls.keys") Optional<String> keys,
            @ConfigProperty(name = "hearth.trusted-proxies") Optional<String> proxies,
            AcmeConfig acme,
            @ConfigProperty(name = "hearth.data") Path data,
            @ConfigProperty(name = "hearth.usage.interval", defaultValue = "10s")
                    String usageInterval,
            @ConfigProperty(name = "kafka.bootstrap.servers") String brokers,
            BillConfig billing,
            @ConfigProperty(name = "hearth.gateway.drain", defaultValue = "0s") String drain,
            @ConfigProperty(name = "quarkus.otel.sdk.disabled", defaultValue = "true")
                    boolean telemetryOff) {
        this.rehearsals = rehearsals;
        this.httpHost = httpHost;
        this.httpPort = httpPort;
        this.domain = domain;
        this.adminToken = adminToken;
        this.registryToken = registryToken.orElse("");
        this.invokerToken = invokerToken.orElse("");
        this.httpsPort = httpsPort;
        this.certificates = certificates;
        this.keys = keys;
        this.acme = acme;
        this.data = data;
        this.usageInterval = Durations.parse(usageInterval);
        this.brokers = brokers;
        this.billing = billing;
        this.drain = Durations.parse(drain);
        this.proxies = proxies.map(TrustedProxies::parse).orElse(TrustedProxies.NONE);
        this.tracing = !telemetryOff;
    }

    /** How many cold requests are {@link Rehearsal rehearsed} at start. */
    int rehearsals() {
        return rehearsals;
    }

    String httpHost() {
        return httpHost;
    }

    int httpPort() {
        return httpPort;
    }

    String domain() {
        return domain;
    }

    /** The certificate files that are given; empty when none are. */
    Optional<CertificateFiles> certificates() {
        return certificates.isEmpty() && keys.isEmpty()
                ? Optional.empty()
                : Optional.of(CertificateFiles.parse(certificates.orElse(""), keys.orElse("")));
    }

    /** What certificates are to be got by themselves; empty when none are. */
    Optional<AcmeOptions> acme() {
        return acme.options();
    }

    /** Whose word about where requests come from is taken. */
    TrustedProxies proxies() {
        return proxies;
    }

    /** Where TLS is spoken when there are certificates. */
    int httpsPort() {
        return httpsPort;
    }

    /** What the services' URLs begin with, up to their names, and what follows. */
    PublicAddress address() {
        return certificates().isPresent() || acme().isPresent()
                ? new PublicAddress("https", domain, httpsPort)
                : new PublicAddress("http", domain, httpPort);
    }

    String adminToken() {
        return adminToken;
    }

    /** What images are pushed with, which deployers are told; empty when there is no registry. */
    String registryToken() {
        return registryToken;
    }

    /** Whether spans are made and exported. */
    boolean tracing() {
        return tracing;
    }

    /** Where usage is counted and written down. */
    Path usageDirectory() {
        return data.resolve("usage");
    }

    Duration usageInterval() {
        return usageInterval;
    }

    String invokerToken() {
        return invokerToken;
    }

    /** How long requests are still passed on to other gateways before this one closes. */
    Duration drain() {
        return drain;
    }

    BillConfig billing() {
        return billing;
    }

    String brokers() {
        return brokers;
    }
}
