package dev.hearth.standalone;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Room;
import io.quarkus.arc.All;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import jakarta.inject.Inject;
import java.util.List;

/** The rooms from their start to their stop, inside Quarkus. */
public final class HearthApplication implements QuarkusApplication {
    private final RoomOrder rooms;

    @Inject
    HearthApplication(@All List<Room> rooms) {
        this.rooms = new RoomOrder(rooms);
    }

    /** Start every room, say that requests can come, start Kafka, wait, stop every room. */
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
        } finally {
            rooms.stop();
        }
    }
}
