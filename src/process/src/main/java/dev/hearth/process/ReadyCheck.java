package dev.hearth.process;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready from when all rooms have started until they are told to stop. */
@Readiness
@ApplicationScoped
public class ReadyCheck implements HealthCheck {
    private final RoomsApplication rooms;

    @Inject
    ReadyCheck(RoomsApplication rooms) {
        this.rooms = rooms;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("rooms").status(rooms.isReady()).build();
    }
}
