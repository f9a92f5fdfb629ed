package dev.hearth.gateway.cloudrun;

import com.google.longrunning.Operation;
import com.google.longrunning.WaitOperationRequest;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.JobPort;
import dev.hearth.gateway.admin.PublicAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * What can be called, whatever it is called by.
 *
 * @param operations that were begun by the others
 */
record RunApi(
        ServiceCalls services,
        RevisionCalls revisions,
        PolicyCalls policies,
        JobCalls jobs,
        ExecutionCalls executions,
        Operations operations) {
    /** Clients give up on a call after 15 s. */
    private static final Duration CALL_WAIT = Duration.ofSeconds(10);

    static RunApi of(CatalogPort catalog, JobPort jobs, PublicAddress address, Clock clock) {
        Operations operations = new Operations(CALL_WAIT);
        ExecutionCalls executions = new ExecutionCalls(jobs, operations, clock);
        return new RunApi(
                new ServiceCalls(catalog, new ServiceWriter(address), operations, clock),
                new RevisionCalls(catalog, operations),
                new PolicyCalls(catalog),
                new JobCalls(jobs, executions, operations, clock),
                executions,
                operations);
    }

    /** The same, for calls by somebody. */
    RunApi as(Caller caller) {
        return new RunApi(
                services.as(caller),
                revisions.as(caller),
                policies.as(caller),
                jobs.as(caller),
                executions.as(caller),
                operations.of(caller.project()));
    }

    CompletionStage<Operation> await(WaitOperationRequest call) {
        return operations.await(
                call.getName(),
                Duration.ofSeconds(call.getTimeout().getSeconds(), call.getTimeout().getNanos()));
    }
}
