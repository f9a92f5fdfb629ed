package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.CancelExecutionRequest;
import com.google.cloud.run.v2.CreateJobRequest;
import com.google.cloud.run.v2.DeleteExecutionRequest;
import com.google.cloud.run.v2.DeleteJobRequest;
import com.google.cloud.run.v2.GetExecutionRequest;
import com.google.cloud.run.v2.GetJobRequest;
import com.google.cloud.run.v2.GetTaskRequest;
import com.google.cloud.run.v2.ListExecutionsRequest;
import com.google.cloud.run.v2.ListJobsRequest;
import com.google.cloud.run.v2.ListTasksRequest;
import com.google.cloud.run.v2.RunJobRequest;
import com.google.cloud.run.v2.UpdateJobRequest;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.protobuf.Message;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jobs, executions and tasks over HTTP and JSON, as the google.api.http rules have it. */
final class JobRestCalls {
    private static final Pattern PATH =
            Pattern.compile(
                    "/v2/((projects/[^/]+/locations/[^/]+)/jobs"
                            + "(?:/([^/:]+)(?:/(executions)(?:/([^/:]+)(?:/(tasks)(?:/([^/:]+))?)?)?)?)?)"
                            + "(?::([A-Za-z]+))?");

    private final RunApi api;

    JobRestCalls(RunApi api) {
        this.api = api;
    }

    /** Empty for a path that is none of theirs, or that has no such method. */
    Optional<CompletionStage<? extends Message>> answer(RestCalls.Request request) {
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return Optional.empty();
        }
        String shape =
                "jobs"
                        + (path.group(3) == null ? "" : "/*")
                        + (path.group(4) == null ? "" : "/executions")
                        + (path.group(5) == null ? "" : "/*")
                        + (path.group(6) == null ? "" : "/tasks")
                        + (path.group(7) == null ? "" : "/*")
                        + (path.group(8) == null ? "" : ":" + path.group(8));
        String name = path.group(1);
        String parent =
                name.substring(0, Math.max(0, name.lastIndexOf('/'))); // of a list's last word
        String call = request.method() + " " + shape;
        return switch (call) {
            case "POST jobs" -> Optional.of(create(path.group(2), request));
            case "GET jobs" -> Optional.of(list(path.group(2), request));
            case "GET jobs/*" ->
                    Optional.of(api.jobs().get(GetJobRequest.newBuilder().setName(name).build()));
            case "PATCH jobs/*" -> Optional.of(update(name, request));
            case "DELETE jobs/*" -> Optional.of(delete(name, request));
            case "POST jobs/*:run" -> Optional.of(run(name, request));
            case "GET jobs/*:getIamPolicy" ->
                    Optional.of(
                            api.jobs()
                                    .policy(
                                            GetIamPolicyRequest.newBuilder()
                                                    .setResource(name)
                                                    .build()));
            case "POST jobs/*:setIamPolicy" -> Optional.of(setPolicy(name, request));
            case "POST jobs/*:testIamPermissions" -> Optional.of(test(name, request));
            case "GET jobs/*/executions" -> Optional.of(executions(parent, request));
            case "GET jobs/*/executions/*" ->
                    Optional.of(
                            api.executions()
                                    .get(GetExecutionRequest.newBuilder().setName(name).build()));
            case "POST jobs/*/executions/*:cancel" -> Optional.of(cancel(name, request));
            case "DELETE jobs/*/executions/*" -> Optional.of(deleteExecution(name, request));
            case "GET jobs/*/executions/*/tasks" -> Optional.of(tasks(parent, request));
            case "GET jobs/*/executions/*/tasks/*" ->
                    Optional.of(
                            api.executions()
                                    .task(GetTaskRequest.newBuilder().setName(name).build()));
            default -> Optional.empty();
        };
    }

    private CompletionStage<? extends Message> create(String location, RestCalls.Request request) {
        CreateJobRequest.Builder call = CreateJobRequest.newBuilder();
        RestCalls.parse(request.body(), call.getJobBuilder());
        return api.jobs()
                .create(
                        call.setParent(location)
                                .setJobId(request.text("jobId"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> list(String location, RestCalls.Request request) {
        return api.jobs()
                .list(
                        ListJobsRequest.newBuilder()
                                .setParent(location)
                                .setPageSize(request.number("pageSize"))
                                .setPageToken(request.text("pageToken"))
                                .build());
    }

    private CompletionStage<? extends Message> update(String name, RestCalls.Request request) {
        UpdateJobRequest.Builder call = UpdateJobRequest.newBuilder();
        RestCalls.parse(request.body(), call.getJobBuilder());
        call.getJobBuilder().setName(name);
        return api.jobs()
                .update(
                        call.setAllowMissing(request.flag("allowMissing"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> delete(String name, RestCalls.Request request) {
        return api.jobs()
                .delete(
                        DeleteJobRequest.newBuilder()
                                .setName(name)
                                .setEtag(request.text("etag"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> run(String name, RestCalls.Request request) {
        RunJobRequest.Builder call = RunJobRequest.newBuilder();
        RestCalls.parse(request.body().isEmpty() ? "{}" : request.body(), call);
        return api.jobs().run(call.setName(name).build());
    }

    private CompletionStage<? extends Message> setPolicy(String name, RestCalls.Request request) {
        SetIamPolicyRequest.Builder call = SetIamPolicyRequest.newBuilder();
        RestCalls.parse(request.body(), call);
        return api.jobs().setPolicy(call.setResource(name).build());
    }

    private CompletionStage<? extends Message> test(String name, RestCalls.Request request) {
        TestIamPermissionsRequest.Builder call = TestIamPermissionsRequest.newBuilder();
        RestCalls.parse(request.body(), call);
        return api.jobs().test(call.setResource(name).build());
    }

    private CompletionStage<? extends Message> executions(String job, RestCalls.Request request) {
        return api.executions()
                .list(
                        ListExecutionsRequest.newBuilder()
                                .setParent(job)
                                .setPageSize(request.number("pageSize"))
                                .setPageToken(request.text("pageToken"))
                                .build());
    }

    private CompletionStage<? extends Message> cancel(String name, RestCalls.Request request) {
        CancelExecutionRequest.Builder call = CancelExecutionRequest.newBuilder();
        RestCalls.parse(request.body().isEmpty() ? "{}" : request.body(), call);
        return api.executions().cancel(call.setName(name).build());
    }

    private CompletionStage<? extends Message> deleteExecution(
            String name, RestCalls.Request request) {
        return api.executions()
                .delete(
                        DeleteExecutionRequest.newBuilder()
                                .setName(name)
                                .setEtag(request.text("etag"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> tasks(String execution, RestCalls.Request request) {
        return api.executions()
                .tasks(
                        ListTasksRequest.newBuilder()
                                .setParent(execution)
                                .setPageSize(request.number("pageSize"))
                                .setPageToken(request.text("pageToken"))
                                .build());
    }
}
