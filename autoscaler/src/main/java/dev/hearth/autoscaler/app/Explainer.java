package dev.hearth.autoscaler.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hearth.autoscaler.explain.Replay;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ScalingChange;
import dev.hearth.contracts.ScalingPort;
import dev.hearth.contracts.Topics;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers out of the log of demand and decisions. */
@Singleton
class Explainer implements ScalingPort {
    /** More than a day of one revision has. */
    private static final int MOST_MESSAGES = 400_000;

    private final ScalingLog log;
    private final Json json = new Json();

    @Inject
    Explainer(ScalingLog log) {
        this.log = log;
    }

    @Override
    public Explanation explain(List<RevisionName> revisions, Instant at) {
        Instant from = at.minus(BEFORE);
        List<Decision> decisions = new ArrayList<>();
        log.read(
                Topics.DECISIONS,
                revisions,
                from,
                at,
                text -> add(decisions, read(text, json::decision)));
        decisions.removeIf(d -> d.atMillis() > at.toEpochMilli());
        decisions.sort(Comparator.comparingLong(Decision::atMillis));
        if (decisions.isEmpty()) {
            throw nothingDecided(at);
        }
        Decision inForce = decisions.getLast();
        Instant since = inForce.wake() ? at.minus(KEPT) : from;
        return new Explanation(
                inForce, demand(inForce, samples(revisions, since, at), at), changes(decisions));
    }

    /** What it was made from; a start ahead was made after the last sample there was. */
    private static DemandSample demand(Decision inForce, List<DemandSample> samples, Instant at) {
        return samples.stream()
                .filter(s -> s.revision().equals(inForce.revision()))
                .filter(
                        s ->
                                inForce.wake()
                                        ? s.atMillis() <= inForce.atMillis()
                                        : s.atMillis() == inForce.atMillis())
                .max(Comparator.comparingLong(DemandSample::atMillis))
                .orElseThrow(() -> nothingDecided(at));
    }

    /** Those decisions that changed something of a revision; each revision's first is one. */
    private static List<Decision> changes(List<Decision> decisions) {
        Map<String, Decision> last = new TreeMap<>();
        List<Decision> changes = new ArrayList<>();
        for (Decision decision : decisions) {
            Decision before = last.put(decision.revision(), decision);
            if (before == null
                    || before.instances() != decision.instances()
                    || before.cpuMillis() != decision.cpuMillis()
                    || before.warmth().isFrozen() != decision.warmth().isFrozen()) {
                changes.add(decision);
            }
        }
        return changes;
    }

    @Override
    public Comparison whatIf(
            List<RevisionName> revisions, ScalingChange change, Instant from, Instant to) {
        Map<String, List<DemandSample>> byRevision =
                samples(revisions, from, to).stream()
                        .collect(
                                Collectors.groupingBy(
                                        DemandSample::revision, TreeMap::new, Collectors.toList()));
        if (byRevision.isEmpty()) {
            throw nothingDecided(to);
        }
        int samples = byRevision.values().stream().mapToInt(List::size).sum();
        return new Comparison(
                samples, outcome(byRevision, ScalingChange.NONE), outcome(byRevision, change));
    }

    private static Outcome outcome(
            Map<String, List<DemandSample>> byRevision, ScalingChange change) {
        return byRevision.values().stream()
                .map(samples -> Replay.of(samples, change))
                .reduce(Outcome.NONE, Outcome::plus);
    }

    /** In order of time, each once. */
    private List<DemandSample> samples(List<RevisionName> revisions, Instant from, Instant to) {
        Map<String, DemandSample> samples = new TreeMap<>();
        log.read(
                Topics.DEMAND,
                revisions,
                from,
                to,
                text -> {
                    DemandSample sample = read(text, json::sample);
                    if (sample != null && isWithin(sample, from, to)) {
                        samples.putIfAbsent(
                                "%020d/%s".formatted(sample.atMillis(), sample.revision()), sample);
                    }
                });
        return List.copyOf(samples.values());
    }

    private static boolean isWithin(DemandSample sample, Instant from, Instant to) {
        return sample.atMillis() >= from.toEpochMilli() && sample.atMillis() <= to.toEpochMilli();
    }

    private static <T> void add(List<T> list, @Nullable T element) {
        if (element != null && list.size() < MOST_MESSAGES) {
            list.add(element);
        }
    }

    private interface Reading<T> {
        T of(String text) throws JsonProcessingException;
    }

    /** Null for what cannot be read, which was told of when it came. */
    private static <T> @Nullable T read(String text, Reading<T> reading) {
        try {
            return reading.of(text);
        } catch (JsonProcessingException | HearthException e) {
            return null;
        }
    }

    private static HearthException nothingDecided(Instant at) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "nothing-decided",
                "nothing was decided in the "
                        + Durations.format(BEFORE)
                        + " before "
                        + at
                        + ": the service had no instances and no requests; `hearth explain --at TIME`"
                        + " looks back as far as "
                        + Durations.format(KEPT));
    }
}
