package dev.hearth.gateway.cloudrun;

import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Work that may take longer than a call. What is over by the end of the call is answered as done;
 * of the rest, and of the newest that are over, the outcome can be asked for. They are kept in
 * memory: after a restart there are none.
 */
final class Operations {
    /** At a time, those that are over included. */
    static final int MOST = 1000;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration USUAL_WAIT = Duration.ofSeconds(30);
    private static final String SEGMENT = "/operations/";

    private final Duration callWait;
    private final ProjectName project;
    private final Map<String, Entry> all; // guarded by itself

    /**
     * @param project whose it is, whatever its name says
     * @param metadata the resource as it is meant to be
     * @param outcome the resource as it came to be
     */
    private record Entry(
            ProjectName project,
            LocationName location,
            String name,
            Message metadata,
            CompletableFuture<? extends Message> outcome) {
        Operation operation() {
            Operation.Builder operation =
                    Operation.newBuilder().setName(name).setMetadata(Any.pack(metadata));
            if (outcome.isDone()) {
                operation.setDone(true);
                if (outcome.isCompletedExceptionally()) {
                    operation.setError(
                            Statuses.plain(HearthException.from(outcome.exceptionNow())));
                } else {
                    Any response = Any.pack(outcome.resultNow());
                    operation.setMetadata(response).setResponse(response);
                }
            }
            return operation.build();
        }
    }

    /**
     * @param callWait how long a call waits for its work to be over; less than clients wait
     */
    Operations(Duration callWait) {
        this(callWait, ProjectName.DEFAULT, new LinkedHashMap<>());
    }

    private Operations(Duration callWait, ProjectName project, Map<String, Entry> all) {
        this.callWait = callWait;
        this.project = project;
        this.all = all;
    }

    /** Those of a project. */
    Operations of(ProjectName whose) {
        return new Operations(callWait, whose, all);
    }

    /**
     * Answers as soon as the work is over, or it takes too long for a call. Fails, and keeps
     * nothing, when the work was refused; EXHAUSTED {@code too-many-operations} when too many are
     * under way.
     */
    CompletionStage<Operation> run(
            LocationName location, Message metadata, CompletionStage<? extends Message> work) {
        CompletableFuture<? extends Message> outcome = work.toCompletableFuture();
        String name = location + SEGMENT + UUID.randomUUID();
        Entry entry = new Entry(project, location, name, metadata, outcome);
        keep(entry);
        return settled(outcome, callWait).thenApply(over -> answer(entry));
    }

    /** True when it is over by then. */
    private static CompletableFuture<Boolean> settled(
            CompletableFuture<? extends Message> outcome, Duration wait) {
        return outcome.handle((value, failure) -> true)
                .completeOnTimeout(false, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Operation answer(Entry entry) {
        if (entry.outcome.isCompletedExceptionally()) {
            HearthException why = HearthException.from(entry.outcome.exceptionNow());
            if (Statuses.refusesTheCall(why)) {
                synchronized (all) {
                    all.remove(entry.name);
                }
                throw why;
            }
        }
        return entry.operation();
    }

    private void keep(Entry entry) {
        synchronized (all) {
            Iterator<Entry> oldest = all.values().iterator();
            while (all.size() >= MOST && oldest.hasNext()) {
                if (oldest.next().outcome.isDone()) {
                    oldest.remove();
                }
            }
            if (all.size() >= MOST) {
                throw new HearthException(
                        ErrorKind.EXHAUSTED,
                        "too-many-operations",
                        MOST + " operations are under way; try again later");
            }
            all.put(entry.name, entry);
        }
    }

    private Entry entry(String name) {
        synchronized (all) {
            Entry found = all.get(name);
            if (found == null || !found.project.equals(project)) {
                throw new HearthException(
                        ErrorKind.NOT_FOUND,
                        "operation-not-found",
                        "there is no operation \""
                                + name.substring(0, Math.min(name.length(), 200))
                                + "\"; only the newest "
                                + MOST
                                + " since the platform's start are kept");
            }
            return found;
        }
    }

    /** NOT_FOUND {@code operation-not-found}. */
    Operation get(String name) {
        return entry(name).operation();
    }

    /**
     * When it is over or this time is, whatever comes first.
     *
     * @param timeout zero for the usual one
     */
    CompletionStage<Operation> await(String name, Duration timeout) {
        Entry entry = entry(name);
        Duration wanted = timeout.isZero() || timeout.isNegative() ? USUAL_WAIT : timeout;
        Duration wait = wanted.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wanted;
        return settled(entry.outcome, wait).thenApply(over -> entry.operation());
    }

    /** Forgets it; the work goes on. */
    void delete(String name) {
        entry(name);
        synchronized (all) {
            all.remove(name);
        }
    }

    /** Those of a location, newest first. */
    ListOperationsResponse list(String location, int size, String token) {
        LocationName wanted = LocationName.parse(location);
        List<Entry> newest = new ArrayList<>();
        synchronized (all) {
            all.values().stream()
                    .filter(e -> e.project.equals(project) && e.location.equals(wanted))
                    .forEach(newest::addFirst);
        }
        Pages.Part<Entry> part = Pages.part(newest, size, token);
        return ListOperationsResponse.newBuilder()
                .addAllOperations(part.items().stream().map(Entry::operation).toList())
                .setNextPageToken(part.next())
                .build();
    }
}
