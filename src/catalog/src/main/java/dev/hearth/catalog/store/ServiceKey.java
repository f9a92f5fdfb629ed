package dev.hearth.catalog.store;

import dev.hearth.contracts.JobName;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ServiceName;
import jakarta.persistence.Embeddable;

/** A service's, or a job's, name within its project. */
@Embeddable
record ServiceKey(String project, String name) {
    static ServiceKey of(ServiceName service) {
        return new ServiceKey(service.project().value(), service.label());
    }

    static ServiceKey of(JobName job) {
        return new ServiceKey(job.project().value(), job.label());
    }

    /** The service's name on the platform. */
    ServiceName service() {
        return ServiceName.of(new ProjectName(project), name);
    }

    /** The job's name on the platform. */
    JobName job() {
        return JobName.of(new ProjectName(project), name);
    }
}
