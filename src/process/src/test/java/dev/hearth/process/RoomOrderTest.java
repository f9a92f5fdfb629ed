package dev.hearth.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RoomOrderTest {
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @Test
    void startAndStop_roomsInAnyOrder_followTheirSteps() {
        RoomOrder rooms =
                new RoomOrder(
                        List.of(
                                room(Room.Step.TRAFFIC),
                                room(Room.Step.IMAGES),
                                room(Room.Step.CATALOG)));
        rooms.start(() -> told.add("database"));
        rooms.stop();
        assertThat(told)
                .containsExactly(
                        "start IMAGES",
                        "database",
                        "start CATALOG",
                        "start TRAFFIC",
                        "stop TRAFFIC",
                        "stop CATALOG",
                        "stop IMAGES");
    }

    @Test
    void start_oneFails_stopsThatOneAndThoseBefore() {
        RoomOrder rooms =
                new RoomOrder(
                        List.of(
                                room(Room.Step.IMAGES),
                                new Told(Room.Step.RUNTIME) {
                                    @Override
                                    public void start() {
                                        throw HearthException.invalid("no-cgroups", "no cgroups");
                                    }
                                },
                                room(Room.Step.TRAFFIC)));
        assertThatThrownBy(() -> rooms.start(() -> {})).hasMessage("no cgroups");
        rooms.stop();
        assertThat(told).containsExactly("start IMAGES", "stop RUNTIME", "stop IMAGES");
    }

    @Test
    void stop_oneFailsAndOneHangs_stopsTheOthers() {
        CountDownLatch never = new CountDownLatch(1);
        RoomOrder rooms =
                new RoomOrder(
                        List.of(
                                room(Room.Step.IMAGES),
                                new Told(Room.Step.RUNTIME) {
                                    @Override
                                    public void stop() {
                                        throw new IllegalStateException("broken");
                                    }
                                },
                                new Told(Room.Step.TRAFFIC) {
                                    @Override
                                    public void stop() {
                                        try {
                                            never.await();
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    }
                                }),
                        Duration.ofMillis(50));
        rooms.start(() -> {});
        rooms.stop();
        assertThat(told).endsWith("stop IMAGES");
        never.countDown();
    }

    private Room room(Room.Step step) {
        return new Told(step);
    }

    private class Told implements Room {
        private final Step step;

        Told(Step step) {
            this.step = step;
        }

        @Override
        public Step step() {
            return step;
        }

        @Override
        public void start() {
            told.add("start " + step);
        }

        @Override
        public void stop() {
            told.add("stop " + step);
        }
    }
}
