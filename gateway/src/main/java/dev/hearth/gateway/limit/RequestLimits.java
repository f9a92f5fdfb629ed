package dev.hearth.gateway.limit;

import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A service's rate limits and how much of them is used. A new revision goes on with what the one
 * before it used, unless its limit is another; safe from any thread.
 */
public final class RequestLimits {
    /** Lets everything in. */
    public static final RequestLimits NONE =
            new RequestLimits(RateLimit.NONE, null, RateLimit.NONE, null);

    private final RateLimit serviceLimit;
    private final @Nullable TokenBucket service;
    private final RateLimit clientLimit;
    private final @Nullable ClientBuckets clients;

    private RequestLimits(
            RateLimit serviceLimit,
            @Nullable TokenBucket service,
            RateLimit clientLimit,
            @Nullable ClientBuckets clients) {
        this.serviceLimit = serviceLimit;
        this.service = service;
        this.clientLimit = clientLimit;
        this.clients = clients;
    }

    /** The limits of the service's next revision. */
    public RequestLimits next(RequestPolicy policy, long nowNanos) {
        RateLimit ofService = policy.serviceLimit();
        RateLimit ofClient = policy.clientLimit();
        if (ofService.unlimited() && ofClient.unlimited()) {
            return NONE;
        }
        return new RequestLimits(
                ofService,
                ofService.equals(serviceLimit)
                        ? service
                        : ofService.unlimited() ? null : new TokenBucket(ofService, nowNanos),
                ofClient,
                ofClient.equals(clientLimit)
                        ? clients
                        : ofClient.unlimited() ? null : new ClientBuckets(ofClient));
    }

    /** Whether nothing is limited, and nobody needs to ask. */
    public boolean unlimited() {
        return service == null && clients == null;
    }

    /**
     * Lets one request in: empty; or says why not. The client's own limit is asked first, so that
     * one client's excess takes nothing from the others.
     *
     * @param clientAddress as text: {@code 192.0.2.1}, {@code 2001:db8::1}
     */
    public Optional<RateExceeded> admit(String clientAddress, long nowNanos) {
        if (clients != null) {
            long wait = clients.take(ClientKey.of(clientAddress), nowNanos);
            if (wait > 0) {
                return Optional.of(RateExceeded.byClient(clientLimit, wait));
            }
        }
        if (service != null) {
            long wait = service.take(nowNanos);
            if (wait > 0) {
                return Optional.of(RateExceeded.byAll(serviceLimit, wait));
            }
        }
        return Optional.empty();
    }
}
