package dev.hearth.autoscaler.observe;

import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DemandSample.Bounds;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.Topics;

/** Checks samples at the door, so that the inside can trust them. */
public final class Samples {
    /** A gateway's tick is 500 ms; one that was held up may be late by much, but not for ever. */
    static final long MOST_SPAN_MILLIS = 600_000;

    private static final double MOST_CONCURRENCY = 10_000_000;

    private Samples() {}

    /** The sample itself; throws INVALID {@code invalid-sample} with what is wrong. */
    public static DemandSample checked(DemandSample sample) {
        require(sample.schema() == Topics.SCHEMA, "schema", sample.schema());
        var _ = new RevisionName(sample.revision());
        require(sample.atMillis() > 0, "atMillis", sample.atMillis());
        require(
                sample.spanMillis() > 0 && sample.spanMillis() <= MOST_SPAN_MILLIS,
                "spanMillis",
                sample.spanMillis());
        require(
                sample.concurrency() >= 0 && sample.concurrency() <= MOST_CONCURRENCY,
                "concurrency",
                sample.concurrency());
        require(sample.queued() >= 0, "queued", sample.queued());
        require(fewEnough(sample.instances()), "instances", sample.instances());
        require(fewEnough(sample.starting()), "starting", sample.starting());
        require(sample.arrivals() >= 0, "arrivals", sample.arrivals());
        require(sample.completions() >= 0, "completions", sample.completions());
        require(
                sample.startMillis() >= 0 && sample.startMillis() <= MOST_SPAN_MILLIS,
                "startMillis",
                sample.startMillis());
        check(sample.bounds());
        return sample;
    }

    private static void check(Bounds bounds) {
        require(bounds.concurrency() >= 0, "bounds.concurrency", bounds.concurrency());
        require(bounds.maxInstances() >= 1, "bounds.maxInstances", bounds.maxInstances());
        require(
                bounds.minInstances() >= 0 && bounds.minInstances() <= bounds.maxInstances(),
                "bounds.minInstances",
                bounds.minInstances());
        require(bounds.idleMillis() >= 0, "bounds.idleMillis", bounds.idleMillis());
        require(
                bounds.cpuMillis() >= 10 && bounds.cpuMillis() <= 1_024_000,
                "bounds.cpuMillis",
                bounds.cpuMillis());
        require(
                bounds.cpuLimitMillis() >= bounds.cpuMillis()
                        && bounds.cpuLimitMillis() <= 1_024_000,
                "bounds.cpuLimitMillis",
                bounds.cpuLimitMillis());
        require(bounds.memoryBytes() > 0, "bounds.memoryBytes", bounds.memoryBytes());
        ScalingRules.parse(bounds.rules());
    }

    /** The report itself; throws INVALID {@code invalid-report} with what is wrong. */
    public static InstanceReport checked(InstanceReport report) {
        boolean fine =
                report.schema() == Topics.SCHEMA
                        && report.atMillis() > 0
                        && report.spanMillis() > 0
                        && report.usedMicros() >= 0
                        && report.periods() >= report.throttledPeriods()
                        && report.throttledPeriods() >= 0
                        && report.cpuMillis() >= 0;
        var _ = new RevisionName(report.revision());
        var _ = new InstanceId(report.instance());
        if (!fine) {
            throw HearthException.invalid("invalid-report", "an instance's report is " + report);
        }
        return report;
    }

    private static boolean fewEnough(int count) {
        return count >= 0 && count <= 1_000_000;
    }

    private static void require(boolean fine, String field, Object value) {
        if (!fine) {
            throw HearthException.invalid(
                    "invalid-sample", "a demand sample's " + field + " is " + value);
        }
    }
}
