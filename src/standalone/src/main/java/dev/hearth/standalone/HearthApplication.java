package dev.hearth.standalone;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Room;
import dev.hearth.process.Complaint;
import dev.hearth.process.RoomOrder;
import io.quarkus.arc.All;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** The rooms from their start to their stop, inside Quarkus. */
@Singleton
public final class HearthApplication implements QuarkusApplication {
    private final RoomOrder rooms;

    @Inject
    HearthApplication(@All List<Room> rooms) {
        this.rooms = new RoomOrder(rooms);
    }

    /**
     * Starts every room, says that requests can come, starts Kafka, and waits. The rooms stop in
     * {@link #stop}, which Quarkus calls in any case, and before it closes what they stand on.
     */
    @Override
    public int run(String... args) {
        Launch launch = Launch.CURRENT.get();
        try {
            rooms.start(launch::awaitDatabase);
            System.out.println("ready " + launch.settings().url());
            launch.startKafka();
            if (!launch.isStopping()) {
                Quarkus.waitForExit();
            }
            return 0;
        } catch (RuntimeException e) {
            return launch.isStopping() ? 0 : Complaint.print(HearthException.from(e));
        }
    }

    /** Stops every room that was begun. */
    void stop(@Observes ShutdownEvent event) {
        rooms.stop();
    }
}
