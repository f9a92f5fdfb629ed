package dev.hearth.process;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Room;
import io.quarkus.arc.All;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;

/** The rooms of a process from their start to their stop, inside Quarkus. */
@ApplicationScoped
public class RoomsApplication implements QuarkusApplication {
    private final RoomOrder rooms;
    private volatile boolean ready;

    @Inject
    RoomsApplication(@All List<Room> rooms) {
        this.rooms = new RoomOrder(rooms);
    }

    /** Whether every room has started, and none has been told to stop. */
    public boolean isReady() {
        return ready;
    }

    /**
     * Starts every room, says that it is ready, and waits. The rooms stop in {@link #stop}, which
     * Quarkus calls in any case, and before it closes what they stand on.
     */
    @Override
    public int run(String... args) {
        try {
            rooms.start(() -> {});
            ready = true;
            System.out.println("ready");
            Quarkus.waitForExit();
            return 0;
        } catch (RuntimeException e) {
            return Complaint.print(HearthException.from(e));
        }
    }

    /** Stops every room that was begun. */
    void stop(@Observes ShutdownEvent event) {
        ready = false;
        rooms.stop();
    }
}
