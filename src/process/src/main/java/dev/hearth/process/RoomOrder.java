package dev.hearth.process;

import dev.hearth.contracts.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** Starts the rooms in the order of their steps, and stops in reverse those that were begun. */
public final class RoomOrder {
    private static final Logger LOG = Logger.getLogger(RoomOrder.class);

    /**
     * Instances get 10 s between SIGTERM and SIGKILL; the rest is for tidying up on a busy machine,
     * and less than {@code hearth down} waits.
     */
    public static final Duration STOP_DEADLINE = Duration.ofSeconds(40);

    private final List<Room> rooms;
    private final Duration stopDeadline;
    private final List<Room> begun = new ArrayList<>();

    public RoomOrder(List<Room> rooms) {
        this(rooms, STOP_DEADLINE);
    }

    RoomOrder(List<Room> rooms, Duration stopDeadline) {
        this.rooms = rooms.stream().sorted(Comparator.comparing(Room::step)).toList();
        this.stopDeadline = stopDeadline;
    }

    /**
     * Starts every room; throws what the first one that fails throws.
     *
     * @param awaitDatabase called before the first room that needs the database
     */
    public void start(Runnable awaitDatabase) {
        boolean waited = false;
        for (Room room : rooms) {
            if (!waited && room.step().compareTo(Room.Step.CATALOG) >= 0) {
                awaitDatabase.run();
                waited = true;
            }
            begun.add(room);
            room.start();
        }
        if (!waited) {
            awaitDatabase.run();
        }
    }

    /** Stops what {@link #start} began, even what failed; goes on when a room fails or is slow. */
    public void stop() {
        for (Room room : begun.reversed()) {
            stop(room);
        }
        begun.clear();
    }

    private void stop(Room room) {
        CompletableFuture<Void> stopped =
                CompletableFuture.runAsync(
                        room::stop,
                        task ->
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("stop-" + room.step())
                                        .start(task));
        try {
            stopped.get(stopDeadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            LOG.errorf(e.getCause(), "stopping %s failed", room.step());
        } catch (TimeoutException e) {
            LOG.errorf(
                    "stopping %s took more than %d s; going on without it",
                    room.step(), stopDeadline.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
