package dev.hearth.gateway.acme;

import dev.hearth.contracts.ProjectName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many certificates are ordered for domains of services, and whose is next. The authority
 * counts orders by account, which all projects share, and anybody who may deploy can name domains
 * that are not theirs: without a pace one of them could use up what the others need.
 *
 * <p>Only used by one thread.
 */
final class Orders {
    /** Let's Encrypt takes 300 new orders of an account in three hours; some are left over. */
    static final int ALL_AN_HOUR = 80;

    /** Of one project; another one always finds room. */
    static final int EACH_AN_HOUR = 40;

    private static final Duration HOUR = Duration.ofHours(1);

    private final Map<ProjectName, ArrayDeque<Instant>> made = new HashMap<>();

    /**
     * The project whose turn it is: the one with the fewest orders within the last hour; empty when
     * all have to wait.
     */
    Optional<ProjectName> next(Collection<ProjectName> wanting, Instant now) {
        forget(now);
        int all = made.values().stream().mapToInt(ArrayDeque::size).sum();
        return all >= ALL_AN_HOUR
                ? Optional.empty()
                : wanting.stream()
                        .min(Comparator.comparingInt(this::count).thenComparing(ProjectName::value))
                        .filter(project -> count(project) < EACH_AN_HOUR);
    }

    /** An order is made now. */
    void made(ProjectName project, Instant now) {
        made.computeIfAbsent(project, first -> new ArrayDeque<>()).addLast(now);
    }

    private int count(ProjectName project) {
        ArrayDeque<Instant> its = made.get(project);
        return its == null ? 0 : its.size();
    }

    private void forget(Instant now) {
        Instant oldest = now.minus(HOUR);
        made.values().forEach(its -> its.removeIf(order -> !order.isAfter(oldest)));
        made.values().removeIf(ArrayDeque::isEmpty);
    }
}
