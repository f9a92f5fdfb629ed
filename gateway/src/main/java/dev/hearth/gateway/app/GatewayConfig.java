package dev.hearth.gateway.app;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** The gateway's settings, under {@code hearth.} */
@ConfigMapping(prefix = "hearth")
public interface GatewayConfig {
    /** Where requests come in. */
    @WithName("http-port")
    @WithDefault("8080")
    int httpPort();

    /** The address to listen on. */
    @WithName("http-host")
    @WithDefault("0.0.0.0")
    String httpHost();

    /** What follows a service's name in its host name. */
    @WithDefault("localhost")
    String domain();

    /** The bearer token of the admin API. */
    @WithName("admin-token")
    String adminToken();

    /** Whether traces are exported; the exporter itself is configured by {@code quarkus.otel.*}. */
    @WithName("tracing")
    @WithDefault("false")
    boolean tracing();
}
