package dev.hearth.gateway.peer;

import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.route.Peer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who of the gateways is there, as far as this one knows, and so who sees to which service. Time is
 * passed in. Safe from any thread.
 */
final class Membership {
    /** Questions that may go unanswered. */
    static final int MOST_UNANSWERED = 3;

    /** How long one counts as leaving that was found to leave its services to others. */
    static final long LEAVING_NANOS = 1_000_000_000L;

    private final String me;

    // guarded by this
    private final Map<String, Known> byAddress = new HashMap<>();
    private boolean serving;

    /** Those that services are seen to by, this one with null. */
    private volatile Map<String, @Nullable Peer> homes = new TreeMap<>();

    /** What an address has answered. */
    private static final class Known {
        private @Nullable Peer peer;
        private boolean takesServices;
        private int unanswered;
        private boolean suspect;
        private long leavingUntil;

        private boolean isThere(long nowNanos) {
            return takesServices
                    && !suspect
                    && unanswered < MOST_UNANSWERED
                    && leavingUntil - nowNanos <= 0;
        }
    }

    /**
     * @param me this gateway's id
     */
    Membership(String me) {
        this.me = me;
    }

    String me() {
        return me;
    }

    /** See Homes. */
    Optional<Peer> elsewhere(ServiceName service) {
        Map<String, @Nullable Peer> now = homes;
        return Rendezvous.choose(service.value(), now.keySet()).map(now::get);
    }

    /** Whether a gateway sees to services, or could. */
    boolean isThere(String id) {
        return homes.containsKey(id);
    }

    /** The others that see to services. */
    List<Peer> peers() {
        return homes.values().stream()
                .filter(peer -> peer != null)
                .map(peer -> (Peer) peer)
                .toList();
    }

    /** Whether this one sees to services itself; true when that has changed anything. */
    synchronized boolean serving(boolean now) {
        serving = now;
        return update(0);
    }

    synchronized boolean isServing() {
        return serving;
    }

    /**
     * An address has answered.
     *
     * @param id of who is there
     * @param takesServices whether it sees to services
     * @return whether anything has changed
     */
    synchronized boolean answered(
            String host, int port, String id, boolean takesServices, long nowNanos) {
        Known known = byAddress.computeIfAbsent(host + ":" + port, a -> new Known());
        known.peer = new Peer(id, host, port);
        known.takesServices = takesServices;
        known.unanswered = 0;
        known.suspect = false;
        return update(nowNanos);
    }

    /** An address has not answered; returns whether anything has changed. */
    synchronized boolean unanswered(String host, int port, boolean refused, long nowNanos) {
        Known known = byAddress.get(host + ":" + port);
        if (known == null) {
            return false;
        }
        known.unanswered += refused ? MOST_UNANSWERED : 1;
        return update(nowNanos);
    }

    /** A request could not be passed on to it; until it answers again it is not there. */
    synchronized boolean suspect(Peer peer, long nowNanos) {
        Known known = byAddress.get(peer.host() + ":" + peer.port());
        if (known == null) {
            return false;
        }
        known.suspect = true;
        return update(nowNanos);
    }

    /** It passed on what it should see to itself: it leaves, and that was not known here yet. */
    synchronized boolean leaves(String id, long nowNanos) {
        for (Known known : byAddress.values()) {
            Peer peer = known.peer;
            if (peer != null && peer.id().equals(id)) {
                known.leavingUntil = nowNanos + LEAVING_NANOS;
            }
        }
        return update(nowNanos);
    }

    /** It says itself that it sees to services. */
    synchronized boolean stays(String id, long nowNanos) {
        for (Known known : byAddress.values()) {
            Peer peer = known.peer;
            if (peer != null && peer.id().equals(id)) {
                known.leavingUntil = nowNanos;
            }
        }
        return update(nowNanos);
    }

    /** Forgets the addresses that are not among these any more. */
    synchronized boolean addresses(Set<String> now, long nowNanos) {
        byAddress.keySet().retainAll(now);
        return update(nowNanos);
    }

    private boolean update(long nowNanos) {
        Map<String, @Nullable Peer> next = new TreeMap<>();
        for (Known known : byAddress.values()) {
            Peer peer = known.peer;
            if (peer != null && !peer.id().equals(me) && known.isThere(nowNanos)) {
                next.put(peer.id(), peer);
            }
        }
        if (serving || next.isEmpty()) {
            next.put(me, null);
        }
        boolean changed = !next.equals(homes);
        homes = next;
        return changed;
    }

    @Override
    public synchronized String toString() {
        return homes.keySet().stream().collect(Collectors.joining(", "));
    }
}
