package dev.hearth.bench.step;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import java.util.ArrayList;
import java.util.List;

/** Looks again and again at how many instances a service has and what CPU they may use. */
final class Watch implements AutoCloseable {
    private static final long PAUSE_MILLIS = 100;

    /** At one look. */
    record Seen(long nanos, int instances, int cpuMillis) {}

    private final List<Seen> seen = new ArrayList<>();
    private final Thread thread;
    private volatile boolean over;

    private Watch(PrivatePlatform platform, String service, Clock clock) {
        long begun = clock.nanos();
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("watch")
                        .start(
                                () -> {
                                    while (!over) {
                                        look(platform, service, begun, clock);
                                    }
                                });
    }

    static Watch begin(PrivatePlatform platform, String service, Clock clock) {
        return new Watch(platform, service, clock);
    }

    private void look(PrivatePlatform platform, String service, long begun, Clock clock) {
        List<JsonNode> instances = platform.admin().instances(service);
        int most = 0;
        int serving = 0;
        for (JsonNode instance : instances) {
            String state = instance.get("state").asText();
            if (state.equals("ready") || state.equals("idle")) {
                serving++;
                String cpu = instance.get("cpu").asText();
                most = Math.max(most, cpu.equals("unlimited") ? 0 : Cpu.parse(cpu).millis());
            }
        }
        seen.add(new Seen(clock.nanos() - begun, serving, most));
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            over = true;
        }
    }

    /** All looks, in order; ends the watch. */
    List<Seen> end() throws InterruptedException {
        close();
        thread.join();
        return List.copyOf(seen);
    }

    @Override
    public void close() {
        over = true;
    }
}
