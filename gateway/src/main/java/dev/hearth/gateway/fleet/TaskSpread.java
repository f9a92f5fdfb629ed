package dev.hearth.gateway.fleet;

import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.ServiceName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the attempts at jobs' tasks are that this gateway has placed. Each is a revision of its
 * own, so that only this tells that many of one job would go to the node that has the image. Safe
 * for use by several threads.
 */
final class TaskSpread {
    /** Then the eldest are forgotten: attempts whose end another gateway sees to stay otherwise. */
    static final int MOST = 10_000;

    private record Place(ServiceName job, String node) {}

    private final Map<RevisionName, Place> places =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<RevisionName, Place> eldest) {
                    return size() > MOST;
                }
            };

    /** An attempt will run there. */
    synchronized void placed(RevisionSpec attempt, String node) {
        places.put(attempt.name(), new Place(attempt.service(), node));
    }

    /** An attempt is over, or never began. */
    synchronized void over(RevisionName attempt) {
        places.remove(attempt);
    }

    /** How many of a job's are on each node. */
    synchronized Map<String, Integer> of(ServiceName job) {
        Map<String, Integer> counts = new HashMap<>();
        for (Place place : places.values()) {
            if (place.job.equals(job)) {
                counts.merge(place.node, 1, Integer::sum);
            }
        }
        return counts;
    }
}
