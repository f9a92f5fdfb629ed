package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.CancelExecutionRequest;
import com.google.cloud.run.v2.CreateJobRequest;
import com.google.cloud.run.v2.CreateServiceRequest;
import com.google.cloud.run.v2.DeleteExecutionRequest;
import com.google.cloud.run.v2.DeleteJobRequest;
import com.google.cloud.run.v2.DeleteRevisionRequest;
import com.google.cloud.run.v2.DeleteServiceRequest;
import com.google.cloud.run.v2.GetExecutionRequest;
import com.google.cloud.run.v2.GetJobRequest;
import com.google.cloud.run.v2.GetRevisionRequest;
import com.google.cloud.run.v2.GetServiceRequest;
import com.google.cloud.run.v2.GetTaskRequest;
import com.google.cloud.run.v2.ListExecutionsRequest;
import com.google.cloud.run.v2.ListJobsRequest;
import com.google.cloud.run.v2.ListRevisionsRequest;
import com.google.cloud.run.v2.ListServicesRequest;
import com.google.cloud.run.v2.ListTasksRequest;
import com.google.cloud.run.v2.RunJobRequest;
import com.google.cloud.run.v2.UpdateJobRequest;
import com.google.cloud.run.v2.UpdateServiceRequest;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.hearth.contracts.HearthException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The API's methods by their full names, with messages as bytes. */
final class GrpcCalls {
    static final String SERVICES = "google.cloud.run.v2.Services";
    static final String REVISIONS = "google.cloud.run.v2.Revisions";
    static final String JOBS = "google.cloud.run.v2.Jobs";
    static final String EXECUTIONS = "google.cloud.run.v2.Executions";
    static final String TASKS = "google.cloud.run.v2.Tasks";
    static final String OPERATIONS = "google.longrunning.Operations";

    private final Map<String, Function<byte[], CompletionStage<? extends Message>>> methods =
            new HashMap<>();
    private final Map<String, Parser<? extends Message>> parsers = new HashMap<>();

    GrpcCalls(RunApi api) {
        ServiceCalls services = api.services();
        add(SERVICES + "/CreateService", CreateServiceRequest.parser(), services::create);
        add(SERVICES + "/GetService", GetServiceRequest.parser(), services::get);
        add(SERVICES + "/ListServices", ListServicesRequest.parser(), services::list);
        add(SERVICES + "/UpdateService", UpdateServiceRequest.parser(), services::update);
        add(SERVICES + "/DeleteService", DeleteServiceRequest.parser(), services::delete);
        PolicyCalls policies = api.policies();
        add(SERVICES + "/GetIamPolicy", GetIamPolicyRequest.parser(), policies::get);
        add(SERVICES + "/SetIamPolicy", SetIamPolicyRequest.parser(), policies::set);
        add(SERVICES + "/TestIamPermissions", TestIamPermissionsRequest.parser(), policies::test);
        RevisionCalls revisions = api.revisions();
        add(REVISIONS + "/GetRevision", GetRevisionRequest.parser(), revisions::get);
        add(REVISIONS + "/ListRevisions", ListRevisionsRequest.parser(), revisions::list);
        add(REVISIONS + "/DeleteRevision", DeleteRevisionRequest.parser(), revisions::delete);
        jobs(api);
        operations(api);
    }

    private void jobs(RunApi api) {
        JobCalls jobs = api.jobs();
        add(JOBS + "/CreateJob", CreateJobRequest.parser(), jobs::create);
        add(JOBS + "/GetJob", GetJobRequest.parser(), jobs::get);
        add(JOBS + "/ListJobs", ListJobsRequest.parser(), jobs::list);
        add(JOBS + "/UpdateJob", UpdateJobRequest.parser(), jobs::update);
        add(JOBS + "/DeleteJob", DeleteJobRequest.parser(), jobs::delete);
        add(JOBS + "/RunJob", RunJobRequest.parser(), jobs::run);
        add(JOBS + "/GetIamPolicy", GetIamPolicyRequest.parser(), jobs::policy);
        add(JOBS + "/SetIamPolicy", SetIamPolicyRequest.parser(), jobs::setPolicy);
        add(JOBS + "/TestIamPermissions", TestIamPermissionsRequest.parser(), jobs::test);
        ExecutionCalls executions = api.executions();
        add(EXECUTIONS + "/GetExecution", GetExecutionRequest.parser(), executions::get);
        add(EXECUTIONS + "/ListExecutions", ListExecutionsRequest.parser(), executions::list);
        add(EXECUTIONS + "/DeleteExecution", DeleteExecutionRequest.parser(), executions::delete);
        add(EXECUTIONS + "/CancelExecution", CancelExecutionRequest.parser(), executions::cancel);
        add(TASKS + "/GetTask", GetTaskRequest.parser(), executions::task);
        add(TASKS + "/ListTasks", ListTasksRequest.parser(), executions::tasks);
    }

    private void operations(RunApi api) {
        Operations operations = api.operations();
        add(
                OPERATIONS + "/GetOperation",
                GetOperationRequest.parser(),
                call -> CompletableFuture.completedFuture(operations.get(call.getName())));
        add(
                OPERATIONS + "/ListOperations",
                ListOperationsRequest.parser(),
                call ->
                        CompletableFuture.completedFuture(
                                operations.list(
                                        call.getName(), call.getPageSize(), call.getPageToken())));
        add(
                OPERATIONS + "/DeleteOperation",
                DeleteOperationRequest.parser(),
                call -> {
                    operations.delete(call.getName());
                    return CompletableFuture.completedFuture(Empty.getDefaultInstance());
                });
        add(OPERATIONS + "/WaitOperation", WaitOperationRequest.parser(), api::await);
    }

    private <Q extends Message> void add(
            String name, Parser<Q> parser, Function<Q, CompletionStage<? extends Message>> call) {
        parsers.put(name, parser);
        methods.put(name, bytes -> call.apply(parsed(parser, bytes)));
    }

    private static <Q extends Message> Q parsed(Parser<Q> parser, byte[] bytes) {
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw HearthException.invalid(
                    "invalid-message", "the message is not one of its type: " + e.getMessage());
        }
    }

    /** The method of a name such as {@code google.cloud.run.v2.Services/GetService}. */
    Optional<Function<byte[], CompletionStage<? extends Message>>> method(String name) {
        return Optional.ofNullable(methods.get(name));
    }

    /** The project that a method's message names; empty when it names none. */
    Optional<String> project(String name, byte[] message) {
        return Optional.ofNullable(parsers.get(name))
                .flatMap(parser -> LocationName.project(parsed(parser, message)));
    }

    /** Of all methods. */
    Set<String> names() {
        return Set.copyOf(methods.keySet());
    }
}
