package dev.hearth.catalog.announce;

import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficPort;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What the gateway, and the image cache, were last told: the one owner of the route table.
 *
 * <p>Concurrency: changes and the telling of them happen under one lock, so that tables reach the
 * gateway in the order in which they were made. The lock is held for microseconds: {@link
 * TrafficPort#replace} does not block.
 */
public final class Announcer {
    private final TrafficPort traffic;
    private final ImagePort images;
    private final Map<ServiceName, RevisionSpec> serving = new HashMap<>();
    private long changes;

    public Announcer(TrafficPort traffic, ImagePort images) {
        this.traffic = traffic;
        this.images = images;
    }

    /** From now on exactly these revisions serve. */
    public synchronized void all(Collection<RevisionSpec> revisions) {
        serving.clear();
        revisions.forEach(r -> serving.put(r.service(), r));
        tell();
    }

    /** From now on this revision serves its service. */
    public synchronized void serves(RevisionSpec revision) {
        serving.put(revision.service(), revision);
        tell();
    }

    /** From now on there is no such service. */
    public synchronized void gone(ServiceName service) {
        serving.remove(service);
        tell();
    }

    /** How often something was announced; see {@link #unlessChanged}. */
    public synchronized long changes() {
        return changes;
    }

    /**
     * Runs {@code change} and is true, unless something was announced since {@link #changes} was
     * {@code seen}.
     */
    public synchronized boolean unlessChanged(long seen, Runnable change) {
        if (seen != changes) {
            return false;
        }
        change.run();
        return true;
    }

    private void tell() {
        changes++;
        RouteTable table = new RouteTable(serving);
        images.serving(table);
        traffic.replace(table);
    }
}
