package dev.hearth.gateway.cloudrun;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ServiceName;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code projects/P/locations/L}. There is one place: whatever somebody calls it, it is the same,
 * and is called so in what is answered; as the default project is by any name that is not
 * another's.
 */
record LocationName(String project, String location) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,62}");
    private static final List<String> WORDS =
            List.of("projects", "locations", "services", "revisions");
    private static final List<String> JOB_WORDS =
            List.of("projects", "locations", "jobs", "executions", "tasks");

    /** Throws INVALID {@code invalid-resource-name} when either is no id. */
    LocationName {
        if (!ID.matcher(project).matches() || !ID.matcher(location).matches()) {
            throw invalid("projects/" + project + "/locations/" + location, "two ids");
        }
    }

    private static final Pattern PROJECT = Pattern.compile("projects/([^/]+)(?:/.*)?");

    /** The project that a name of something is in. */
    static Optional<String> project(String name) {
        Matcher m = PROJECT.matcher(name.length() > 1000 ? "" : name);
        return m.matches() ? Optional.of(m.group(1)) : Optional.empty();
    }

    /** The project of what a call is about, which is named in one of these fields. */
    static Optional<String> project(Message call) {
        for (String field : List.of("parent", "name", "resource", "service", "job")) {
            FieldDescriptor known = call.getDescriptorForType().findFieldByName(field);
            Object value = known == null ? "" : call.getField(known);
            Optional<String> project =
                    value instanceof Message inner ? project(inner) : project(value.toString());
            if (project.isPresent()) {
                return project;
            }
        }
        return Optional.empty();
    }

    /** A service in it. */
    record OfService(LocationName location, ServiceName service) {
        @Override
        public String toString() {
            return location.of(service);
        }
    }

    /** A revision in it. */
    record OfRevision(LocationName location, ServiceName service, RevisionName revision) {
        @Override
        public String toString() {
            return location.of(service, revision);
        }
    }

    /** A job in it. */
    record OfJob(LocationName location, JobName job) {
        @Override
        public String toString() {
            return location.of(job);
        }
    }

    /** An execution in it. */
    record OfExecution(LocationName location, JobName job, ExecutionName execution) {
        @Override
        public String toString() {
            return location.of(job, execution);
        }
    }

    /** A task in it. */
    record OfTask(OfExecution execution, String id) {}

    /** Throws INVALID {@code invalid-resource-name}. */
    static LocationName parse(String name) {
        List<String> ids = ids(name, WORDS.subList(0, 2));
        return new LocationName(ids.get(0), ids.get(1));
    }

    static OfService service(String name) {
        List<String> ids = ids(name, WORDS.subList(0, 3));
        return new OfService(new LocationName(ids.get(0), ids.get(1)), new ServiceName(ids.get(2)));
    }

    static OfRevision revision(String name) {
        List<String> ids = ids(name, WORDS);
        return new OfRevision(
                new LocationName(ids.get(0), ids.get(1)),
                new ServiceName(ids.get(2)),
                new RevisionName(ids.get(3)));
    }

    static OfJob job(String name) {
        List<String> ids = ids(name, JOB_WORDS.subList(0, 3));
        return new OfJob(new LocationName(ids.get(0), ids.get(1)), new JobName(ids.get(2)));
    }

    static OfExecution execution(String name) {
        return execution(ids(name, JOB_WORDS.subList(0, 4)));
    }

    private static OfExecution execution(List<String> ids) {
        return new OfExecution(
                new LocationName(ids.get(0), ids.get(1)),
                new JobName(ids.get(2)),
                new ExecutionName(ids.get(3)));
    }

    static OfTask task(String name) {
        List<String> ids = ids(name, JOB_WORDS);
        return new OfTask(execution(ids), ids.get(4));
    }

    /** What stands behind these words. */
    private static List<String> ids(String name, List<String> words) {
        int count = words.size();
        String[] parts = name.length() > 1000 ? new String[0] : name.split("/", -1);
        boolean fits = parts.length == 2 * count;
        for (int i = 0; fits && i < count; i++) {
            fits = parts[2 * i].equals(words.get(i));
        }
        if (!fits) {
            throw invalid(name, String.join("/ID/", words) + "/ID");
        }
        return java.util.stream.IntStream.range(0, count).mapToObj(i -> parts[2 * i + 1]).toList();
    }

    private static HearthException invalid(String name, String wanted) {
        return HearthException.invalid(
                "invalid-resource-name",
                "\"" + name.substring(0, Math.min(name.length(), 200)) + "\" is not " + wanted);
    }

    String of(JobName job) {
        return this + "/jobs/" + job;
    }

    String of(JobName job, ExecutionName execution) {
        return of(job) + "/executions/" + execution;
    }

    String of(ServiceName service) {
        return this + "/services/" + service;
    }

    String of(ServiceName service, RevisionName revision) {
        return of(service) + "/revisions/" + revision;
    }

    @Override
    public String toString() {
        return "projects/" + project + "/locations/" + location;
    }
}
