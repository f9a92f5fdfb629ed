package dev.hearth.runtime.serve;

import dev.hearth.nodeapi.v1.Event;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The gateways that watch this node. Safe from any thread. */
final class Watchers {
    /** Beats that somebody may leave unread before it has to begin anew: 10 s of them. */
    private static final int MOST_MISSED = 20;

    private final Set<Watcher> all = ConcurrentHashMap.newKeySet();

    private static final class Watcher {
        private final ServerCallStreamObserver<Event> stream;
        private int missed;

        Watcher(ServerCallStreamObserver<Event> stream) {
            this.stream = stream;
        }

        /** A stream takes one message at a time. */
        synchronized void tell(Event event) {
            if (!stream.isCancelled()) {
                stream.onNext(event);
            }
        }

        /** Whether it keeps up. */
        synchronized boolean beat(Event event) {
            if (stream.isReady()) {
                missed = 0;
                tell(event);
            } else if (++missed > MOST_MISSED) {
                stream.onError(
                        Status.RESOURCE_EXHAUSTED
                                .withDescription("events are not read; watch again")
                                .asRuntimeException());
                return false;
            }
            return true;
        }

        synchronized void end() {
            stream.onError(
                    Status.UNAVAILABLE.withDescription("the node stops").asRuntimeException());
        }
    }

    /**
     * Somebody watches from now on.
     *
     * @param whole the first thing it is told; made when changes are told to it already, so that
     *     none falls between
     */
    void add(ServerCallStreamObserver<Event> stream, Supplier<Event> whole) {
        Watcher watcher = new Watcher(stream);
        stream.setOnCancelHandler(() -> all.remove(watcher));
        synchronized (watcher) {
            all.add(watcher);
            watcher.tell(whole.get());
        }
    }

    /** Something has changed. */
    void tell(Event event) {
        all.forEach(watcher -> watcher.tell(event));
    }

    /** Nothing need have changed. */
    void beat(Event event) {
        all.removeIf(watcher -> !watcher.beat(event));
    }

    /** There will be nothing more. */
    void end() {
        all.forEach(Watcher::end);
        all.clear();
    }
}
