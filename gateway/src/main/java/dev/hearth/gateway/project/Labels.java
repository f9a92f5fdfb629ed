package dev.hearth.gateway.project;

import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TrafficChange;
import dev.hearth.contracts.TrafficTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns what a project calls its things into what the platform calls them, and back: {@code web} of
 * the project {@code acme} is the platform's {@code web.acme}. What has a project in it already is
 * refused, so that nobody can name what is another's. In the default project both are the same.
 */
public record Labels(ProjectName project) {
    // ---- from the project's to the platform's

    public ServiceName service(ServiceName label) {
        return ServiceName.of(project, label.value());
    }

    public RevisionName revision(RevisionName label) {
        return RevisionName.of(project, label.value());
    }

    JobName job(JobName label) {
        return JobName.of(project, label.value());
    }

    ExecutionName execution(ExecutionName label) {
        return ExecutionName.of(project, label.value());
    }

    DeployRequest request(DeployRequest wanted) {
        DeployRequest.Rollout rollout = wanted.rollout();
        return new DeployRequest(
                service(wanted.service()),
                wanted.image(),
                wanted.container(),
                wanted.resources(),
                wanted.scaling(),
                wanted.egress(),
                wanted.requests(),
                wanted.metadata(),
                new DeployRequest.Rollout(
                        rollout.traffic(),
                        rollout.tag(),
                        rollout.suffix(),
                        change(rollout.change()),
                        rollout.gradual()));
    }

    ServiceChange change(ServiceChange wanted) {
        return wanted.withTraffic(targets(wanted.traffic()));
    }

    TrafficChange change(TrafficChange wanted) {
        Map<String, Optional<RevisionName>> tags = new HashMap<>();
        wanted.tag().forEach((tag, revision) -> tags.put(tag, revision.map(this::revision)));
        return new TrafficChange(
                targets(wanted.all()), targets(wanted.shares()), wanted.untag(), tags);
    }

    JobRequest request(JobRequest wanted) {
        return new JobRequest(
                job(wanted.name()),
                wanted.metadata(),
                wanted.template(),
                wanted.schedule(),
                wanted.condition());
    }

    private List<TrafficTarget> targets(List<TrafficTarget> all) {
        return all.stream()
                .map(t -> new TrafficTarget(t.revision().map(this::revision), t.percent(), t.tag()))
                .toList();
    }

    // ---- from the platform's to the project's

    static ServiceName label(ServiceName service) {
        return new ServiceName(service.label());
    }

    private static RevisionName label(RevisionName revision) {
        return new RevisionName(revision.label());
    }

    private static List<TrafficTarget> labels(List<TrafficTarget> all) {
        return all.stream()
                .map(t -> new TrafficTarget(t.revision().map(Labels::label), t.percent(), t.tag()))
                .toList();
    }

    static Service label(Service s) {
        if (s.name().project().isDefault()) {
            return s;
        }
        return new Service(
                label(s.name()),
                s.version(),
                s.metadata(),
                label(s.latest()),
                s.invokers(),
                s.bounds(),
                s.budget(),
                labels(s.traffic()),
                s.rollout().map(Labels::label),
                s.domains(),
                s.revisions().stream().map(Labels::label).toList(),
                s.createdAt(),
                s.updatedAt());
    }

    private static RevisionSpec label(RevisionSpec r) {
        return new RevisionSpec(
                label(r.name()),
                label(r.service()),
                r.image(),
                r.digest(),
                r.container(),
                r.resources(),
                r.scaling(),
                r.egress(),
                r.requests(),
                r.metadata(),
                r.createdAt());
    }

    private static GradualRollout label(GradualRollout r) {
        return new GradualRollout(
                r.id(),
                label(r.to()),
                r.latest(),
                labels(r.before()),
                r.plan(),
                r.step(),
                r.phase(),
                r.reason(),
                r.begunAt(),
                r.movedAt());
    }

    static DomainMapping label(DomainMapping d) {
        return new DomainMapping(d.domain(), label(d.service()), d.createdAt());
    }

    static Job label(Job j) {
        return new Job(
                new JobName(j.name().label()),
                j.version(),
                j.metadata(),
                j.template(),
                j.schedule(),
                j.nextRun(),
                j.executions(),
                j.latest().map(Labels::label),
                j.createdAt(),
                j.updatedAt());
    }

    static Execution label(Execution e) {
        return new Execution(
                new ExecutionName(e.name().label()),
                new JobName(e.job().label()),
                e.uid(),
                e.template(),
                e.state(),
                e.counts(),
                e.createdAt(),
                e.startedAt(),
                e.completedAt(),
                e.message(),
                e.scheduledFor());
    }

    static Task label(Task t) {
        return new Task(
                new ExecutionName(t.execution().label()),
                t.index(),
                t.state(),
                t.attempt(),
                t.node(),
                t.instance(),
                t.startedAt(),
                t.completedAt(),
                t.exitCode(),
                t.message());
    }
}
