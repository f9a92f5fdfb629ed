package dev.hearth.gateway.pool;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.gateway.demand.DemandMeter;
import dev.hearth.gateway.limit.RequestLimits;
import dev.hearth.gateway.rollout.Outcomes;
import dev.hearth.gateway.usage.Meter;
import dev.hearth.gateway.wait.Waiter;
import dev.hearth.gateway.wait.WaitingRoom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one revision, and the requests that wait for one.
 *
 * <p>Concurrency: a warm request reads one volatile array and changes one atomic number. Everything
 * else (waiting, starting, draining, decisions) happens under {@code lock}, which is never held
 * while somebody else's code runs: what has to be told is collected and told after.
 *
 * <p>INVARIANT: ready + starting ≤ max instances; draining members count for neither.
 */
public final class RevisionPool {
    /** Contract: the wait at a saturated service before 429. */
    static final Duration SATURATED_WAIT = Duration.ofSeconds(10);

    /**
     * An instance that has just started, or answered, is not frozen for so long, whatever its
     * revision's others did: the contract gives it CPU, and by then none of our connections to it
     * is kept that it would close as too old when it is thawed.
     */
    public static final Duration LEAST_REST = Duration.ofSeconds(10);

    /** An instance that ends sooner by itself will most likely end so again. */
    private static final Duration LASTING = Duration.ofSeconds(10);

    /** A start ahead that is told of later than that comes too late for its request. */
    private static final Duration STARTED_AHEAD = Duration.ofSeconds(60);

    private static final int PLACES = 10_000;

    private final RevisionSpec revision;
    private final RuntimePort runtime;
    private final Starter starter;
    private final Clock clock;
    private final DemandMeter demand;
    private final RequestLimits limits;
    private final Meter meter;
    private final Set<RevisionPool> awakeOnes;
    private final Object lock = new Object();
    private volatile boolean awake;
    private volatile Member[] members = {};
    private volatile long newestStartNanos;
    private volatile Door door = Door.OPEN;
    private volatile Scaling scaling;
    private volatile @Nullable Outcomes outcomes;

    // guarded by lock
    private final WaitingRoom waiting = new WaitingRoom(PLACES);
    private final Map<InstanceId, Member> draining = new HashMap<>();
    private final List<CompletableFuture<Void>> emptied = new ArrayList<>();
    private final List<Leaving> leaving = new ArrayList<>();
    private int starting;
    private final BackOff backOff;
    private boolean keepsMinimum;
    private final BackOff keeping;
    private @Nullable StopReason closed;
    private long newestDecision = Long.MIN_VALUE;
    private long newestAhead = Long.MIN_VALUE;
    private Cpu cpu;
    private Cpu idleCpu;

    /** Instances whose end somebody waits for. */
    private record Leaving(Set<InstanceId> instances, CompletableFuture<Void> gone) {}

    /** Of a service's first revision. */
    public RevisionPool(RevisionSpec revision, RuntimePort runtime, Clock clock) {
        this(
                revision,
                runtime,
                clock,
                RequestLimits.NONE,
                Meter.unread(revision),
                ConcurrentHashMap.newKeySet(),
                runtime::start);
    }

    /**
     * @param before the limits of the revision that serves so far
     * @param meter of the revision
     * @param awakeOnes where it is among those that {@link #tick} has to be called for; safe from
     *     any thread
     * @param starter of its instances
     */
    public RevisionPool(
            RevisionSpec revision,
            RuntimePort runtime,
            Clock clock,
            RequestLimits before,
            Meter meter,
            Set<RevisionPool> awakeOnes,
            Starter starter) {
        this.awakeOnes = awakeOnes;
        this.starter = starter;
        this.meter = meter;
        this.limits = before.next(revision.requests(), clock.nanos());
        this.revision = revision;
        this.scaling = revision.scaling();
        this.runtime = runtime;
        this.clock = clock;
        this.demand = new DemandMeter(clock);
        this.backOff = new BackOff(clock);
        this.keeping = new BackOff(clock);
        this.cpu = revision.resources().cpu();
        this.idleCpu = cpu;
    }

    public RevisionSpec revision() {
        return revision;
    }

    /** Counts this revision's requests, waiting ones too. */
    public DemandMeter demand() {
        return demand;
    }

    /** Who is let in to its service; to be asked before {@link #limits}. */
    public Door door() {
        return door;
    }

    /** Lets others in from now on. */
    public void setDoor(Door now) {
        door = now;
    }

    /** The revision's, within what its service may have. */
    public Scaling scaling() {
        return scaling;
    }

    /**
     * Gives it other bounds from now on; instances beyond them are stopped by the next decision.
     */
    public void setScaling(Scaling now) {
        scaling = now;
        wake();
    }

    /** Where its requests' outcomes are counted; null while nobody wants to know. */
    public @Nullable Outcomes outcomes() {
        return outcomes;
    }

    /** Counts outcomes there from now on; null for nowhere. */
    public void watch(@Nullable Outcomes counts) {
        outcomes = counts;
    }

    /** To be asked before a place is. */
    public RequestLimits limits() {
        return limits;
    }

    // ---- the warm path

    /**
     * A place in the instance of this name if it has one, else in any; see {@link
     * Reservation#affinity}.
     *
     * @param affinity empty, or one that nobody has, for no wish
     */
    public @Nullable Reservation tryReserve(String affinity) {
        if (!affinity.isEmpty()) {
            for (Member member : members) {
                if (member.affinity().equals(affinity)) {
                    Reservation wished = take(member);
                    return wished != null ? wished : tryReserve();
                }
            }
        }
        return tryReserve();
    }

    /** A place in a ready instance, or null when none has one free; never blocks. */
    public @Nullable Reservation tryReserve() {
        Member[] now = members;
        if (now.length == 0) {
            return null;
        }
        if (now.length == 1) {
            return take(now[0]);
        }
        int concurrency = revision.scaling().concurrency();
        if (concurrency == 0 || concurrency > 3) {
            // the less loaded of two random ones: nearly as even as the least loaded of all, at no
            // cost (Mitzenmacher, "The Power of Two Choices", 2001)
            ThreadLocalRandom random = ThreadLocalRandom.current();
            Member a = now[random.nextInt(now.length)];
            Member b = now[random.nextInt(now.length)];
            Reservation chosen = take(a.inFlight() <= b.inFlight() ? a : b);
            if (chosen != null) {
                return chosen;
            }
        }
        for (Member member : now) {
            Reservation free = take(member);
            if (free != null) {
                return free;
            }
        }
        return null;
    }

    private @Nullable Reservation take(Member member) {
        if (!member.acquire()) {
            return null;
        }
        member.rest().wake(cpu);
        return new Reservation(this, member);
    }

    void release(Member member) {
        if (member.release()) {
            finish(member);
        } else if (!waiting.isEmpty()) {
            serveWaiters();
        }
    }

    // ---- the cold path

    /**
     * Parks a request until an instance has a place, starting instances as needed. The waiter may
     * be answered before this returns.
     */
    public void await(Waiter waiter) {
        HearthException refusal = null;
        int starts = 0;
        synchronized (lock) {
            Optional<HearthException> failedLately = reasonNotToStart();
            if (closed != null && starting == 0 && members.length == 0) {
                refusal = gone();
            } else if (failedLately.isPresent()) {
                refusal = notStarted(failedLately.get());
            } else if (!waiting.enter(waiter)) {
                refusal =
                        new HearthException(
                                ErrorKind.EXHAUSTED,
                                "waiting-room-full",
                                PLACES
                                        + " requests wait for "
                                        + revision.service()
                                        + "; try again later");
            } else {
                starts = planStarts();
            }
        }
        wake();
        if (refusal != null) {
            waiter.refuse(refusal);
            return;
        }
        start(starts);
        serveWaiters();
    }

    /** When a request that is parked now must be given up, and whether for want of a start. */
    public long waitDeadlineNanos(long arrivedNanos) {
        Duration limit = revision.timeout();
        synchronized (lock) {
            boolean saturated = starting == 0 && members.length >= scaling.maxInstances();
            if (saturated && SATURATED_WAIT.compareTo(limit) < 0) {
                limit = SATURATED_WAIT;
            }
        }
        return arrivedNanos + limit.toNanos();
    }

    /**
     * How many starts the waiting requests need beyond those under way; counts them as under way.
     */
    private int planStarts() {
        int perInstance = revision.scaling().concurrency();
        int have = members.length + starting;
        int needed =
                waiting.isEmpty()
                        ? 0
                        : perInstance == 0
                                ? Math.max(0, 1 - have)
                                : Math.ceilDiv(waiting.size(), perInstance) - starting;
        int starts = Math.max(0, Math.min(needed, scaling.maxInstances() - have));
        starting += starts;
        return starts;
    }

    private void start(int count) {
        wake();
        for (int i = 0; i < count; i++) {
            starter.start(revision)
                    .whenComplete(
                            (instance, failure) -> {
                                if (failure == null) {
                                    started(instance);
                                } else {
                                    startFailed(HearthException.from(failure));
                                }
                            });
        }
    }

    private void started(StartedInstance instance) {
        newestStartNanos = instance.timings().totalNanos();
        long beganNanos = clock.nanos() - newestStartNanos;
        Member member = member(instance, beganNanos, new Rest(runtime, instance.id()));
        if (billsLives()) {
            member.lives(beganNanos);
        }
        member.beginsBilled(beganNanos);
        synchronized (lock) {
            starting--;
            backOff.succeeded();
            add(member);
        }
        wake();
        grantLikeTheOthers(member);
        serveWaiters();
        member.pausesBilled();
        retireIfClosed();
    }

    /**
     * Takes over an instance that an earlier run of the platform, or another gateway, started;
     * false when there are as many as there may be, and somebody has to stop it.
     */
    public boolean adopt(RuntimePort.Left left) {
        StartedInstance instance = left.instance();
        Rest rest = new Rest(runtime, instance.id());
        long now = clock.nanos();
        Member member = member(instance, now, left.frozen() ? rest.frozen() : rest);
        member.paidUntil(now + paidAhead(left).toNanos());
        if (billsLives()) {
            member.beginsBilled(now);
        }
        synchronized (lock) {
            if (closed != null || members.length + starting >= scaling.maxInstances()) {
                return false;
            }
            add(member);
        }
        wake();
        serveWaiters();
        return true;
    }

    /** The least of a life was billed when it began. */
    private Duration paidAhead(RuntimePort.Left left) {
        Duration paid = left.paidAhead();
        if (!billsLives()) {
            return paid;
        }
        Duration age = Duration.between(left.instance().timings().begunAt(), clock.now());
        Duration least = Member.LEAST_LIFE.minus(age.isNegative() ? Duration.ZERO : age);
        return least.compareTo(paid) > 0 ? least : paid;
    }

    private boolean billsLives() {
        return revision.resources().billing() == Billing.INSTANCE;
    }

    /** It has what it was deployed with; the others may have been given more by now. */
    private void grantLikeTheOthers(Member member) {
        Cpu now = cpu;
        if (!now.equals(revision.resources().cpu())) {
            runtime.setCpu(member.id(), now, false);
        }
    }

    private Member member(StartedInstance instance, long sinceNanos, Rest rest) {
        return new Member(
                instance,
                revision.scaling().concurrency(),
                revision.requests().sessionAffinity() ? AffinityName.next() : "",
                meter.tab(instance.id()),
                sinceNanos,
                clock,
                rest);
    }

    private void startFailed(HearthException why) {
        List<Waiter> hopeless = List.of();
        synchronized (lock) {
            starting--;
            backOff.failed(why);
            keeping.failed(why);
            if (starting == 0 && members.length == 0) {
                hopeless = waiting.clear();
            }
        }
        HearthException refusal = notStarted(why);
        hopeless.forEach(w -> w.refuse(refusal));
        retireIfClosed();
    }

    /**
     * Why nothing may be started; empty while something runs, or when it is time for another try.
     */
    private Optional<HearthException> reasonNotToStart() {
        return starting == 0 && members.length == 0 ? backOff.reasonToWait() : Optional.empty();
    }

    /** The deploy worked once, so to a client of the service this is not its own fault: 503. */
    private static HearthException notStarted(HearthException why) {
        return why.kind() == ErrorKind.EXHAUSTED // of a quota: 429
                ? why
                : new HearthException(
                        ErrorKind.UNAVAILABLE, why.reason(), why.sentence(), why.details());
    }

    private HearthException gone() {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "revision-gone",
                "revision " + revision.name() + " no longer runs; try again");
    }

    private void serveWaiters() {
        while (!waiting.isEmpty()) {
            Reservation reservation = tryReserve();
            if (reservation == null) {
                return;
            }
            Optional<Waiter> next;
            synchronized (lock) {
                next = waiting.next();
            }
            if (next.isEmpty() || !next.get().admit(reservation)) {
                reservation.release();
            }
        }
    }

    // ---- instances that end

    /** The runtime says that an instance is no more. */
    public void exited(InstanceId id) {
        int starts;
        synchronized (lock) {
            stopBilling(id);
            draining.remove(id);
            find(id).ifPresent(this::hasEnded);
            remove(id);
            starts = reasonNotToStart().isPresent() ? 0 : planStarts();
            starts += planMinimum();
            tellIfEmpty();
        }
        start(starts);
    }

    /** Requests may still be in it: what becomes of them is not for the bill. */
    private void stopBilling(InstanceId id) {
        Member leaver = draining.get(id);
        if (leaver != null) {
            leaver.stopBilling();
        }
        for (Member member : members) {
            if (member.id().equals(id)) {
                member.stopBilling();
            }
        }
    }

    /** One that did not last is not replaced at once. */
    private void hasEnded(Member member) {
        if (member.hereNanos() < LASTING.toNanos()) {
            keeping.failed(
                    new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "ended-soon",
                            "an instance of "
                                    + revision.service()
                                    + " ended soon after it was ready; see its logs"));
        }
    }

    /**
     * An instance's node is about to stop: it takes no more requests as soon as another one is
     * ready in its place, or could not be made ready.
     */
    public void leave(InstanceId id) {
        Member leaver;
        boolean replaced;
        synchronized (lock) {
            leaver = find(id).orElse(null);
            replaced =
                    leaver != null
                            && closed == null
                            && members.length + starting < revision.scaling().maxInstances();
            if (replaced) {
                starting++;
            }
        }
        if (leaver == null) {
            return;
        }
        wake();
        List<Member> leavers = List.of(leaver);
        if (!replaced) {
            drain(leavers, StopReason.REPLACED); // the next tick replaces what the minimum needs
            return;
        }
        starter.start(revision)
                .whenComplete(
                        (instance, failure) -> {
                            if (failure == null) {
                                started(instance);
                            } else {
                                startFailed(HearthException.from(failure));
                            }
                            drain(leavers, StopReason.REPLACED);
                        });
    }

    /** It refused a connection; whatever is wrong with it, it gets no more requests. */
    void suspect(Member member) {
        synchronized (lock) {
            hasEnded(member);
        }
        drain(List.of(member), StopReason.SCALED_DOWN);
    }

    private void add(Member member) {
        Member[] more = Arrays.copyOf(members, members.length + 1);
        more[more.length - 1] = member;
        members = more;
    }

    private Optional<Member> find(InstanceId id) {
        return Arrays.stream(members).filter(m -> m.id().equals(id)).findFirst();
    }

    private void remove(InstanceId id) {
        members = Arrays.stream(members).filter(m -> !m.id().equals(id)).toArray(Member[]::new);
    }

    private void drain(List<Member> leaving, StopReason reason) {
        List<Member> empty = new ArrayList<>();
        synchronized (lock) {
            for (Member member : leaving) {
                if (member.isDraining()) {
                    continue;
                }
                remove(member.id());
                draining.put(member.id(), member);
                if (member.drain(reason, clock.nanos() + revision.timeout().toNanos())) {
                    empty.add(member);
                }
            }
        }
        empty.forEach(this::finish);
    }

    /**
     * Stops an instance for want of memory on its node, unless a request is in it or the minimum
     * needs it; whether it does.
     */
    public boolean evict(InstanceId id) {
        Optional<Member> leaving;
        synchronized (lock) {
            boolean spare = closed == null && members.length > scaling.minInstances();
            leaving =
                    Arrays.stream(members)
                            .filter(m -> spare && m.id().equals(id))
                            .filter(
                                    m ->
                                            m.drainIfEmpty(
                                                    StopReason.EVICTED,
                                                    clock.nanos() + revision.timeout().toNanos()))
                            .findFirst();
            leaving.ifPresent(
                    member -> {
                        remove(id);
                        draining.put(id, member);
                    });
        }
        leaving.ifPresent(this::finish);
        return leaving.isPresent();
    }

    private void finish(Member member) {
        if (member.drainReason() == StopReason.MOVED) {
            member.stopBilling();
            runtime.handOver(member.id(), member.paidAhead());
            exited(member.id());
            return;
        }
        member.beginsBilled(clock.nanos());
        runtime.stop(member.id(), member.drainReason())
                .whenComplete(
                        (done, failure) -> {
                            member.pausesBilled();
                            exited(member.id());
                        });
    }

    // ---- scaling

    /** Starts what min instances ask for, and again when one is gone, until it is closed. */
    public void keepMinimum() {
        int starts;
        synchronized (lock) {
            keepsMinimum = true;
            starts = planMinimum();
        }
        start(starts);
    }

    /**
     * How many starts the minimum needs beyond those under way; counts them as under way. A
     * revision whose instances do not last gets them at longer and longer intervals.
     */
    private int planMinimum() {
        int starts = keeping.reasonToWait().isPresent() ? 0 : belowMinimum();
        starting += starts;
        return starts;
    }

    private int belowMinimum() {
        return keepsMinimum && closed == null
                ? Math.max(0, scaling.minInstances() - members.length - starting)
                : 0;
    }

    /** Does what the autoscaler wants, if this is its newest word. */
    public void apply(Decision decision) {
        if (decision.wake()) {
            startAhead(decision);
            return;
        }
        int starts = 0;
        boolean quotaMoved;
        List<Member> surplus = new ArrayList<>();
        synchronized (lock) {
            if (decision.atMillis() <= newestDecision || closed != null) {
                return;
            }
            newestDecision = decision.atMillis();
            quotaMoved = cpu.millis() != decision.cpuMillis();
            cpu = new Cpu(decision.cpuMillis());
            idleCpu = new Cpu(decision.idleCpuMillis());
            int have = members.length + starting;
            int wanted = Math.min(Math.max(decision.instances(), needed()), scaling.maxInstances());
            if (have == 0 && waiting.isEmpty()) {
                // only a request wakes a revision from zero: what was stopped stays stopped
                wanted = Math.min(wanted, scaling.minInstances());
            }
            if (wanted > have && reasonNotToStart().isEmpty()) {
                starts = wanted - have;
                starting += starts;
            } else if (wanted == 0 && hadDemandSince(decision.atMillis())) {
                surplus = List.of(); // it was made before the newest request was seen
            } else if (wanted < have && waiting.isEmpty()) {
                surplus = surplus(Math.min(have - wanted, members.length), wanted == 0);
            }
        }
        start(starts);
        drain(surplus, StopReason.SCALED_DOWN);
        if (quotaMoved) {
            grantBusy();
        }
        restIdle(decision.warmth());
    }

    /**
     * Starts one for a request that is expected, unless there is something already, or nobody would
     * be let in. Its time is the autoscaler's own, so it says nothing about other decisions.
     */
    private void startAhead(Decision decision) {
        long ageMillis = clock.now().toEpochMilli() - decision.atMillis();
        synchronized (lock) {
            boolean late =
                    ageMillis > STARTED_AHEAD.toMillis() || hadDemandSince(decision.atMillis());
            boolean here = members.length + starting > 0 || !waiting.isEmpty();
            boolean again = decision.atMillis() <= newestAhead;
            if (late
                    || here
                    || again
                    || closed != null
                    || door.spent()
                    || reasonNotToStart().isPresent()) {
                return;
            }
            newestAhead = decision.atMillis();
            starting++;
        }
        start(1);
    }

    private void grantBusy() {
        Cpu full = cpu;
        for (Member member : members) {
            if (member.rest().isReady()) {
                runtime.setCpu(member.id(), full, false);
            }
        }
    }

    /**
     * Instances that the requests of this moment take. A decision is made of averages: one that
     * comes in a burst asks for fewer than have just been started for it.
     */
    private int needed() {
        int perInstance = revision.scaling().concurrency();
        return perInstance == 0 ? 0 : (int) Math.ceilDiv(demand.active(), (long) perInstance);
    }

    private boolean hadDemandSince(long millis) {
        long ageMillis = clock.now().toEpochMilli() - millis;
        return demand.wasActiveWithin(ageMillis * 1_000_000);
    }

    /** Idle ones first; to zero only those, because a request in flight means it is not idle. */
    private List<Member> surplus(int count, boolean onlyIdle) {
        return Arrays.stream(members)
                .filter(m -> !onlyIdle || m.inFlight() == 0)
                .sorted(Comparator.comparingInt(Member::inFlight))
                .limit(count)
                .toList();
    }

    /** Moves those without requests down the warm ladder, as far as each may go yet. */
    private void restIdle(Warmth wanted) {
        Cpu sliver = idleCpu;
        for (Member member : members) {
            boolean mayStand = member.emptyNanos() >= LEAST_REST.toNanos();
            Warmth to = wanted.isFrozen() && !mayStand ? Warmth.IDLE : wanted;
            member.rest().down(member, to, sliver);
        }
    }

    // ---- the passing of time

    /**
     * Among those that are awake from now on; to be called after whatever it has to be awake for
     * has been noted under the lock, so that {@link #rest} sees it or is undone.
     */
    private void wake() {
        if (!awake) {
            awake = true;
            awakeOnes.add(this);
        }
    }

    /**
     * Not among those that are awake any more, if time can change nothing here. Of many thousands
     * of revisions most have nothing to do at most times.
     */
    public void rest() {
        awakeOnes.remove(this);
        awake = false;
        boolean stays;
        synchronized (lock) {
            stays =
                    !isAtRest()
                            || members.length > 0
                            || starting > 0
                            || !demand.isSilentSinceTick();
        }
        if (stays) {
            wake();
        }
    }

    /**
     * Ends waits and drains whose time is up, bills what is under way, replaces what the minimum
     * lacks, and retires a closed pool whose waiting requests are served; called several times a
     * second.
     */
    public void tick() {
        long now = clock.nanos();
        List<Waiter> late;
        List<Member> overdue;
        boolean noneCame;
        billSoFar();
        int starts;
        synchronized (lock) {
            if (isAtRest()) {
                return;
            }
            draining.values().forEach(m -> m.billSoFar(false));
            late = waiting.expired(now);
            noneCame = starting > 0 || members.length == 0;
            overdue = draining.values().stream().filter(m -> m.isDrainOver(now)).toList();
            starts = planMinimum();
        }
        start(starts);
        if (!late.isEmpty()) {
            HearthException why = noneCame ? startedTooLate() : saturated();
            late.forEach(w -> w.refuse(why));
        }
        overdue.forEach(this::finish);
        retireIfClosed();
    }

    /**
     * Idle instances are billed as far as those with requests are fewer than the minimum: of a
     * minimum of ten with six busy ones, four (Cloud Run's documentation, "Minimum instances").
     */
    private void billSoFar() {
        Member[] now = members;
        int idle = billsLives() ? 0 : scaling.minInstances();
        for (Member member : now) {
            idle -= member.inFlight() > 0 ? 1 : 0;
        }
        for (Member member : now) {
            boolean asMinimum = member.inFlight() == 0 && idle > 0;
            idle -= asMinimum ? 1 : 0;
            member.billSoFar(asMinimum);
        }
    }

    /** Whether there is nothing that the passing of time could change; under the lock. */
    private boolean isAtRest() {
        return waiting.isEmpty()
                && draining.isEmpty()
                && closed == null
                && emptied.isEmpty()
                && leaving.isEmpty()
                && belowMinimum() == 0;
    }

    private HearthException startedTooLate() {
        return new HearthException(
                ErrorKind.DEADLINE,
                "timeout",
                "no instance of " + revision.service() + " was ready within the request's timeout");
    }

    private HearthException saturated() {
        return new HearthException(
                ErrorKind.EXHAUSTED,
                "saturated",
                "all "
                        + scaling.maxInstances()
                        + " instances of "
                        + revision.service()
                        + " are busy; try again later, or raise --max");
    }

    /** Sends no more requests here: what waits is still served, then every instance is stopped. */
    public CompletableFuture<Void> close(StopReason reason) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (lock) {
            closed = reason;
            emptied.add(done);
        }
        wake();
        retireIfClosed();
        return done;
    }

    /**
     * Stops every instance there is now; the pool stays in use, and may start others meanwhile.
     * Done when those are gone.
     */
    public CompletableFuture<Void> stopInstances(StopReason reason) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        List<Member> now;
        synchronized (lock) {
            now = List.of(members);
            Set<InstanceId> all = new HashSet<>(draining.keySet());
            now.forEach(member -> all.add(member.id()));
            leaving.add(new Leaving(all, done));
        }
        wake();
        drain(now, reason);
        synchronized (lock) {
            tellIfEmpty();
        }
        return done;
    }

    private void retireIfClosed() {
        StopReason reason;
        synchronized (lock) {
            reason = closed;
        }
        if (reason != null && waiting.isEmpty()) {
            drain(List.of(members), reason);
        }
        synchronized (lock) {
            tellIfEmpty();
        }
    }

    private void tellIfEmpty() {
        if (members.length == 0 && draining.isEmpty() && (starting == 0 || closed == null)) {
            emptied.forEach(f -> f.complete(null));
            emptied.clear();
        }
        leaving.removeIf(
                those -> {
                    boolean gone = those.instances().stream().noneMatch(this::isHere);
                    return gone && those.gone().complete(null);
                });
    }

    private boolean isHere(InstanceId id) {
        return draining.containsKey(id)
                || Arrays.stream(members).anyMatch(member -> member.id().equals(id));
    }

    // ---- what others may know

    /** What the revision is billed for. */
    public Meter meter() {
        return meter;
    }

    /** Whether it gets no more requests, and drains. */
    public boolean isClosed() {
        synchronized (lock) {
            return closed != null;
        }
    }

    /** Why it gets no more requests; null while it does. */
    public @Nullable StopReason closedFor() {
        synchronized (lock) {
            return closed;
        }
    }

    /** Whether nothing of it is left, so that it can be forgotten. */
    public boolean isEmpty() {
        synchronized (lock) {
            return members.length == 0 && draining.isEmpty() && starting == 0 && waiting.isEmpty();
        }
    }

    public int ready() {
        return members.length;
    }

    public int starting() {
        synchronized (lock) {
            return starting;
        }
    }

    public int queued() {
        return waiting.size();
    }

    /** What the newest start took in the runtime; 0 when there was none yet. */
    public long newestStartNanos() {
        return newestStartNanos;
    }

    /** Requests in each instance now, draining ones too. */
    public Map<InstanceId, Integer> inFlight() {
        Map<InstanceId, Integer> counts = new HashMap<>();
        synchronized (lock) {
            draining.forEach((id, m) -> counts.put(id, m.inFlight()));
        }
        for (Member member : members) {
            counts.put(member.id(), member.inFlight());
        }
        return counts;
    }

    /**
     * Starts the revision's first instances to see whether it works; see TrafficPort.prove. It
     * fails when one of them does.
     */
    public CompletableFuture<Void> prove() {
        int initial = Math.min(revision.scaling().rules().initial(), scaling.maxInstances());
        synchronized (lock) {
            starting += initial;
        }
        wake();
        List<CompletableFuture<Void>> starts = new ArrayList<>();
        for (int i = 0; i < initial; i++) {
            starts.add(proof());
        }
        return CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> proof() {
        return starter.start(revision)
                .toCompletableFuture()
                .handle(
                        (instance, failure) -> {
                            if (failure != null) {
                                HearthException why = HearthException.from(failure);
                                startFailed(why);
                                throw why;
                            }
                            started(instance);
                            return null;
                        });
    }
}
