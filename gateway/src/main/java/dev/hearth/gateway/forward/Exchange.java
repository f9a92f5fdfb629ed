package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.rollout.Outcomes;
import dev.hearth.gateway.trace.RequestTrace;
import dev.hearth.gateway.usage.Tab;
import dev.hearth.gateway.wait.Waiter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: reserve, wait if need be, send, answer, release. Everything happens on
 * the request's own event loop; only a {@link Waiter}'s end may come from elsewhere and hops back.
 *
 * <p>How octets go from the client to the container and back is the subclass's: it is told to
 * {@link #send(StartedInstance)}, and tells how that went.
 */
abstract sealed class Exchange implements Waiter.Ending permits VertxExchange, PlainExchange {
    /** Instances that a request finds unreachable. */
    private static final int MOST_UNREACHED = 3;

    /** Octets of an answer that are counted while it goes on. */
    private static final long TOLD_BYTES = 1 << 20;

    /** Connections that break off under a request that may be repeated. */
    private static final int MOST_BROKEN = 3;

    private final Forwarder forwarder;
    private final RevisionPool pool;
    private final RequestTrace trace;
    private final long arrivedNanos;
    private final boolean hasBody;
    private final String affinity;
    private @Nullable Waiter waiter;
    private @Nullable Reservation reservation;
    private @Nullable Tab tab; // of the instance that had it last
    private long reservedNanos;
    private long toldBytes;
    private long waitedNanos;
    private long handedNanos;
    private Optional<StartTimings> coldStart = Optional.empty();
    private boolean watched;
    private int unreached;
    private int broken;
    private boolean newOneBroke;
    private boolean reused;
    private boolean bodyBegun;
    private boolean counted;
    private boolean over;

    /**
     * @param arrivedNanos on the forwarder's clock
     * @param affinity the instance that the client wishes for; empty for any
     */
    Exchange(
            Forwarder forwarder,
            RevisionPool pool,
            RequestTrace trace,
            long arrivedNanos,
            boolean hasBody,
            String affinity) {
        this.forwarder = forwarder;
        this.pool = pool;
        this.trace = trace;
        this.arrivedNanos = arrivedNanos;
        this.hasBody = hasBody;
        this.affinity = affinity;
    }

    // ---- what a subclass does

    /** Runs something on the request's event loop. */
    abstract void onLoop(Runnable then);

    /** Whether the method changes nothing, so that the request may be tried again (RFC 9110). */
    abstract boolean isSafe();

    /** The client's Accept header, or null. */
    abstract @Nullable String accept();

    /**
     * Connects to an instance and sends the request. Ends with {@link #notConnected}, {@link
     * #brokeOff}, or an answer and {@link #finish}.
     */
    abstract void send(StartedInstance to);

    /** Sees to it that {@link #timedOut} is called then, unless the request is over. */
    abstract void setDeadline(long nanos);

    /** Undoes {@link #setDeadline}. */
    abstract void clearDeadline();

    /** Whether the client has been sent the head of an answer. */
    abstract boolean hasAnswerBegun();

    /** Whether the client's end is closed. */
    abstract boolean isClientClosed();

    /** Octets of the container's answer that went to the client so far, or are about to. */
    abstract long egressBytes();

    /** Sends the platform's own answer; what is left of the request's body is passed over. */
    abstract void write(PlatformAnswer answer);

    /** Cuts an answer off that has begun, so that the client cannot take it for whole. */
    abstract void cutClientOff();

    /** The request is over: closes the container's end unless nothing of it is left there. */
    abstract void ended();

    // ---- the way of a request

    /** The whole way of a request. */
    final void begin() {
        pool.demand().begin();
        Reservation free = pool.tryReserve(affinity);
        if (free != null) {
            sendTo(free, arrivedNanos);
        } else {
            await();
        }
    }

    private void await() {
        waiter = new Waiter(pool.waitDeadlineNanos(arrivedNanos), this);
        pool.await(waiter);
    }

    @Override
    public final void admitted(Reservation free) {
        onLoop(
                () -> {
                    long now = forwarder.clock().nanos();
                    waitedNanos = now - arrivedNanos;
                    StartTimings start = free.instance().timings();
                    boolean whileWaiting =
                            start.begunAt()
                                    .plusNanos(start.totalNanos())
                                    .isAfter(forwarder.clock().now().minusNanos(waitedNanos));
                    coldStart = whileWaiting ? Optional.of(start) : Optional.empty();
                    trace.waited(waitedNanos, coldStart);
                    sendTo(free, now);
                });
    }

    @Override
    public final void refused(HearthException why) {
        onLoop(() -> answer(why.kind().httpStatus(), why, "platform"));
    }

    /**
     * @param nanos when the place was reserved
     */
    private void sendTo(Reservation free, long nanos) {
        if (over) {
            free.release();
            return;
        }
        reservation = free;
        reservedNanos = nanos;
        if (!watched) {
            watched = true;
            setDeadline(arrivedNanos + pool.revision().timeout().toNanos());
        }
        CompletableFuture<Void> thaw = free.thaw();
        if (thaw == null) {
            sendNow(free);
        } else {
            thaw.whenComplete((done, failure) -> onLoop(() -> thawed(free, failure == null)));
        }
    }

    private void thawed(Reservation free, boolean runs) {
        if (over) {
            return; // its end gave the place back
        }
        if (runs) {
            sendNow(free);
        } else {
            notConnected();
        }
    }

    private void sendNow(Reservation free) {
        trace.upstreamBegan(free.instance().id().value());
        send(free.instance());
    }

    /**
     * The request is being written to a connection.
     *
     * @param reused whether the connection has carried another request before
     */
    final void handOver(boolean reused) {
        this.reused = reused;
        Reservation held = reservation;
        if (held != null) {
            tab = held.tab();
        }
        handedNanos = forwarder.clock().nanos();
    }

    /** Some of the body went, or may have gone, to the container: it cannot be sent again. */
    final void bodyBegins() {
        bodyBegun = true;
    }

    /** The connection never carried the request: another instance may have it. */
    final void notConnected() {
        Reservation failed = reservation;
        reservation = null;
        if (failed != null) {
            failed.reportDead();
        }
        HearthException why =
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "instance-unreachable",
                        "no instance of "
                                + pool.revision().service()
                                + " took the connection; try again");
        if (++unreached < MOST_UNREACHED) {
            tryAgain();
        } else {
            answer(503, why, "platform");
        }
    }

    /**
     * The connection ended before an answer. A kept-alive one may have been closed as idle while
     * the request was on its way, and an instance may have ended: that is tried again where it is
     * safe. On a new connection only once, since the request itself may be what breaks containers.
     *
     * @param answered whether the container sent something, that is not valid HTTP
     */
    final void brokeOff(boolean answered) {
        if (over) {
            return;
        }
        boolean repeatable = isSafe() && !hasBody && !bodyBegun && !answered;
        if (repeatable && ++broken < MOST_BROKEN && (reused || !newOneBroke)) {
            newOneBroke |= !reused;
            Reservation failed = reservation;
            reservation = null;
            if (failed != null) {
                failed.release();
            }
            tryAgain();
            return;
        }
        answer(
                502,
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        answered ? "container-protocol" : "container-closed",
                        answered
                                ? "the container did not answer in valid HTTP"
                                : "the container closed the connection before it answered"),
                "container");
    }

    private void tryAgain() {
        if (over) {
            return;
        }
        Reservation free = pool.tryReserve();
        if (free != null) {
            sendTo(free, forwarder.clock().nanos());
        } else {
            await();
        }
    }

    // ---- the answer

    /** The container's answer has begun. */
    final void answerBegins(int status) {
        trace.upstreamAnswered(status);
        Outcomes outcomes = pool.outcomes();
        if (outcomes != null) {
            outcomes.answered(forwarder.clock().nanos() - handedNanos);
        }
    }

    /**
     * Where the time went, for Server-Timing; null when nobody needs to know.
     *
     * @param wished whether the client asked for it
     */
    final @Nullable String receipt(boolean wished) {
        if (waitedNanos == 0 && !wished) {
            return null;
        }
        long now = forwarder.clock().nanos();
        return waitedNanos > 0
                ? Receipt.of(waitedNanos, coldStart, now - arrivedNanos - waitedNanos)
                : Receipt.warm(handedNanos - arrivedNanos, now - handedNanos);
    }

    /** The name of the instance when the client does not know it yet and should; else null. */
    final @Nullable String newAffinity() {
        Reservation held = reservation;
        return held != null && !held.affinity().equals(affinity) ? held.affinity() : null;
    }

    /** One end broke off in the middle of the answer: neither may take what it has for whole. */
    final void cutOff() {
        if (!over) {
            boolean gone = isClientClosed();
            cutClientOff();
            finish(gone ? 499 : 502);
        }
    }

    /** Before the answer began the client is told; after that it can only be cut off. */
    final void timedOut() {
        answer(
                504,
                new HearthException(
                        ErrorKind.DEADLINE,
                        "timeout",
                        "the container did not begin to answer within the request's timeout"),
                "container");
    }

    /** The client closed its end. */
    final void clientGone() {
        if (!over) {
            Waiter w = waiter;
            if (w != null) {
                w.leave();
            }
            finish(499); // nginx's number for a client that closed its request
        }
    }

    private void answer(int status, HearthException why, String source) {
        if (over) {
            return;
        }
        if (hasAnswerBegun()) {
            cutOff();
            return;
        }
        write(PlatformAnswer.of(accept(), status, why, source));
        finish(status);
    }

    /** The same, when everything of the answer is among what {@link #egressBytes} tells. */
    final void count(int status) {
        count(status, 0);
    }

    /**
     * Counts the request for the bill, once, if an instance had it. To be called before the last
     * octet of an answer is sent: a client that has it all must not know of more requests than the
     * bill does, whatever is killed at that moment.
     *
     * @param ahead octets of the answer that are sent next, and are its last ones
     */
    final void count(int status, long ahead) {
        Tab onTab = tab;
        if (onTab != null && !counted) {
            counted = true;
            long now = forwarder.clock().nanos();
            onTab.request(reservedNanos, now, status, egressBytes() + ahead - toldBytes);
        }
    }

    /**
     * More of an answer has gone to the client that may go on for long: what a process that dies
     * takes along is little.
     */
    final void countSoFar() {
        Tab onTab = tab;
        long bytes = egressBytes() - toldBytes;
        if (onTab != null && !counted && bytes >= TOLD_BYTES) {
            toldBytes += bytes;
            onTab.egress(reservedNanos, bytes);
        }
    }

    /** The one end of each request, however it comes about. */
    final void finish(int status) {
        if (over) {
            return;
        }
        over = true;
        clearDeadline();
        count(status);
        Outcomes outcomes = pool.outcomes();
        if (outcomes != null) {
            outcomes.ended(tab != null, status);
        }
        Reservation held = reservation;
        reservation = null;
        if (held != null) {
            held.release();
        }
        pool.demand().end();
        trace.ended(status);
        ended();
    }

    /** Whether the request has come to its end. */
    final boolean isOver() {
        return over;
    }

    final boolean hasBody() {
        return hasBody;
    }

    final Forwarder forwarder() {
        return forwarder;
    }

    final RevisionPool pool() {
        return pool;
    }

    final RequestTrace trace() {
        return trace;
    }
}
