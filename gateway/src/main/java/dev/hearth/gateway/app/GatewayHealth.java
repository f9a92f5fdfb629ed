package dev.hearth.gateway.app;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when requests are served. */
@Readiness
@ApplicationScoped
public class GatewayHealth implements HealthCheck {
    private final GatewayRoom room;

    @Inject
    GatewayHealth(GatewayRoom room) {
        this.room = room;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("gateway").status(room.isServing()).build();
    }
}
