package dev.hearth.gateway.peer;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.route.Homes;
import dev.hearth.gateway.route.Peer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Asks the platform's other gateways, all the time, whether they are there, where they take
 * requests; answers them; and tells when somebody comes or goes. One that is killed is known to be
 * gone within 0.3 s, or when the first request cannot be passed on to it; one that is cut off
 * within 2.4 s.
 */
public final class Peers implements Homes, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Peers.class);
    private static final long ASK_MILLIS = 300;
    private static final int ANSWER_MILLIS = 700;
    private static final long LOOK_UP_MILLIS = 3_000;
    private static final int FIRST_ROUND_SECONDS = 5;
    private static final int STOP_MILLIS = 60_000;
    private static final String ASKING = "/.hearth/gateway";
    private static final String STOPPING = "/.hearth/stop";
    private static final String ITEMISING = "/.hearth/items";
    private static final int ITEMS_MILLIS = 30_000;
    private static final String QUESTION = "hearth-question";
    private static final String SERVICE = "hearth-service";
    private static final String ID = "hearth-gateway";
    private static final String STATE = "hearth-state";
    private static final String SERVING = "serving";
    private static final String LEAVING = "leaving";

    private final Vertx vertx;
    private final Settings settings;
    private final Clock clock;
    private final Membership membership;
    private final HttpClient client;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> asked = new HashSet<>(); // on the loop that asks
    private final AtomicLong passing = new AtomicLong();
    private volatile Function<ServiceName, CompletionStage<Void>> stopping =
            service -> CompletableFuture.completedFuture(null);
    private volatile Function<String, CompletionStage<String>> items =
            question ->
                    CompletableFuture.failedFuture(
                            new IllegalStateException("no items are kept here"));
    private volatile List<Address> addresses = List.of();
    private long asking;
    private long lookingUp;

    private record Address(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * @param id of this gateway, unlike those of others
     * @param names {@code HOST:PORT} where gateways take requests, this one too if need be; a name
     *     stands for all its addresses
     * @param token what the platform's processes know each other by
     * @param tokens whether a token that is shown is that one
     */
    public record Settings(String id, List<String> names, String token, PassedOn.Tokens tokens) {}

    public Peers(Vertx vertx, Settings settings, Clock clock) {
        this.vertx = vertx;
        this.settings = settings;
        this.clock = clock;
        this.membership = new Membership(settings.id);
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setConnectTimeout(ANSWER_MILLIS)
                                .setMaxPoolSize(4)
                                .setKeepAliveTimeout(10));
    }

    /** Runs something whenever services have other homes than before, maybe. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Asks everybody once, and then goes on asking. */
    public void start() {
        try {
            lookUp();
            Future.join(addresses.stream().map(this::ask).toList())
                    .otherwiseEmpty()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(FIRST_ROUND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("the other gateways are not known yet: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        asking = vertx.setPeriodic(ASK_MILLIS, tick -> askAll());
        lookingUp =
                vertx.setPeriodic(
                        LOOK_UP_MILLIS,
                        tick ->
                                vertx.executeBlocking(
                                        () -> {
                                            lookUp();
                                            return true;
                                        },
                                        false));
    }

    /** This gateway sees to services from now on. */
    public void serve() {
        changed(membership.serving(true));
    }

    /** The others see to everything from now on, and know it when this completes. */
    public Future<Void> leave() {
        changed(membership.serving(false));
        return Future.join(addresses.stream().map(this::ask).toList()).otherwiseEmpty().mapEmpty();
    }

    @Override
    public Optional<Peer> elsewhere(ServiceName service) {
        return membership.elsewhere(service);
    }

    /** Who stops a service's instances here, when another gateway asks for it. */
    public void onStop(Function<ServiceName, CompletionStage<Void>> stop) {
        stopping = stop;
    }

    @Override
    public CompletionStage<Void> stopInstances(Peer home, ServiceName service) {
        return client.request(
                        new RequestOptions()
                                .setHost(home.host())
                                .setPort(home.port())
                                .setMethod(HttpMethod.POST)
                                .setTimeout(STOP_MILLIS)
                                .setURI(STOPPING))
                .compose(
                        request ->
                                request.putHeader(ID, settings.id)
                                        .putHeader(SERVICE, service.value())
                                        .putHeader(PassedOn.HEADER, header(1, "127.0.0.1", "http"))
                                        .send())
                .compose(
                        answer ->
                                answer.statusCode() == 204
                                        ? Future.<Void>succeededFuture()
                                        : Future.<Void>failedFuture(
                                                "it answered " + answer.statusCode()))
                .recover(failure -> Future.failedFuture(unreachable(home, service, failure)))
                .toCompletionStage();
    }

    private static HearthException unreachable(Peer home, ServiceName service, Throwable failure) {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "gateway-unreachable",
                "gateway "
                        + home.id()
                        + ", which sees to "
                        + service
                        + ", did not stop its instances ("
                        + failure.getMessage()
                        + "); try again",
                failure);
    }

    /** Who tells another gateway of the items of the bill that are kept here. */
    public void onItems(Function<String, CompletionStage<String>> answer) {
        items = answer;
    }

    /**
     * Asks all that are there for their items. One that does not answer is left out: what it keeps
     * is on the bill without being itemised.
     */
    public CompletionStage<List<String>> items(String question) {
        List<Future<String>> asked =
                membership.peers().stream().map(peer -> items(peer, question)).toList();
        return Future.join(asked)
                .otherwiseEmpty()
                .map(done -> asked.stream().filter(Future::succeeded).map(Future::result).toList())
                .toCompletionStage();
    }

    private Future<String> items(Peer peer, String question) {
        return client.request(
                        new RequestOptions()
                                .setHost(peer.host())
                                .setPort(peer.port())
                                .setMethod(HttpMethod.GET)
                                .setTimeout(ITEMS_MILLIS)
                                .setURI(ITEMISING))
                .compose(
                        request ->
                                request.putHeader(ID, settings.id)
                                        .putHeader(QUESTION, question)
                                        .putHeader(PassedOn.HEADER, header(1, "127.0.0.1", "http"))
                                        .send())
                .compose(
                        answer ->
                                answer.statusCode() == 200
                                        ? answer.body().map(Buffer::toString)
                                        : Future.<String>failedFuture(
                                                "it answered " + answer.statusCode()))
                .onFailure(
                        failure ->
                                LOG.warnf(
                                        "the items that gateway %s keeps are left out: %s",
                                        peer.id(), failure.getMessage()));
    }

    /** Whether a gateway is there, as far as this one knows. */
    public boolean isThere(String id) {
        return membership.isThere(id);
    }

    /** The other gateways that are there. */
    public List<Peer> others() {
        return membership.peers();
    }

    /** Whether another one is there to see to what this one no longer does. */
    public boolean hasOthers() {
        return !membership.peers().isEmpty();
    }

    /** A request could not be passed on to it. */
    public void suspect(Peer peer) {
        changed(membership.suspect(peer, clock.nanos()));
    }

    /** It has passed on what is its own to see to. */
    public void leaves(String id) {
        changed(membership.leaves(id, clock.nanos()));
    }

    /** What a request says of itself; empty unless another gateway passes it on. */
    public Optional<PassedOn> passedOn(HttpServerRequest request) {
        String header = request.getHeader(PassedOn.HEADER);
        return header == null ? Optional.empty() : PassedOn.parse(header, settings.tokens);
    }

    /** The header's value for a request that this gateway passes on. */
    public String header(int hops, String address, String scheme) {
        return new PassedOn(settings.id, hops, address, scheme).header(settings.token);
    }

    /** A request goes to another gateway. */
    public void passes() {
        passing.incrementAndGet();
    }

    /** It is over. */
    public void passed() {
        passing.decrementAndGet();
    }

    /** Requests that other gateways have from this one now. */
    public long passing() {
        return passing.get();
    }

    // ---- being asked

    /** Answers another gateway's question; false when the request is none. */
    public boolean answer(HttpServerRequest request) {
        String from = request.getHeader(ID);
        if (from == null || passedOn(request).isEmpty()) {
            return false;
        }
        return switch (request.path()) {
            case ASKING -> {
                tellState(request, from);
                yield true;
            }
            case STOPPING -> {
                stopInstances(request);
                yield true;
            }
            case ITEMISING -> {
                tellItems(request);
                yield true;
            }
            default -> false;
        };
    }

    private void tellItems(HttpServerRequest request) {
        String question = request.getHeader(QUESTION);
        items.apply(question == null ? "" : question)
                .whenComplete(
                        (told, failure) -> {
                            if (failure == null) {
                                request.response().end(told);
                            } else {
                                HearthException why = HearthException.from(failure);
                                request.response()
                                        .setStatusCode(why.kind().httpStatus())
                                        .end(why.sentence());
                            }
                        });
    }

    private void stopInstances(HttpServerRequest request) {
        String name = request.getHeader(SERVICE);
        ServiceName service;
        try {
            service = new ServiceName(name == null ? "" : name);
        } catch (HearthException strange) {
            request.response().setStatusCode(400).end();
            return;
        }
        stopping.apply(service)
                .whenComplete(
                        (stopped, failure) ->
                                request.response()
                                        .setStatusCode(failure == null ? 204 : 500)
                                        .end());
    }

    private void tellState(HttpServerRequest request, String from) {
        if (LEAVING.equals(request.getHeader(STATE))) {
            leaves(from);
        } else {
            changed(membership.stays(from, clock.nanos()));
        }
        request.response()
                .putHeader(ID, settings.id)
                .putHeader(STATE, state())
                .setStatusCode(204)
                .end();
    }

    private String state() {
        return membership.isServing() ? SERVING : LEAVING;
    }

    // ---- asking

    private void askAll() {
        for (Address address : addresses) {
            if (asked.add(address.toString())) {
                ask(address).onComplete(done -> asked.remove(address.toString()));
            }
        }
    }

    private Future<Void> ask(Address address) {
        return client.request(
                        new RequestOptions()
                                .setHost(address.host)
                                .setPort(address.port)
                                .setMethod(HttpMethod.GET)
                                .setTimeout(ANSWER_MILLIS)
                                .setURI(ASKING))
                .compose(
                        request ->
                                request.putHeader(ID, settings.id)
                                        .putHeader(STATE, state())
                                        .putHeader(PassedOn.HEADER, header(1, "127.0.0.1", "http"))
                                        .send())
                .<Void>map(
                        answer -> {
                            answered(address, answer);
                            return null;
                        })
                .onFailure(
                        failure ->
                                changed(
                                        membership.unanswered(
                                                address.host,
                                                address.port,
                                                failure instanceof ConnectException,
                                                clock.nanos())));
    }

    private void answered(Address address, HttpClientResponse answer) {
        MultiMap headers = answer.headers();
        String id = headers.get(ID);
        if (id == null) {
            changed(membership.unanswered(address.host, address.port, false, clock.nanos()));
            return;
        }
        changed(
                membership.answered(
                        address.host,
                        address.port,
                        id,
                        SERVING.equals(headers.get(STATE)),
                        clock.nanos()));
    }

    private void changed(boolean something) {
        if (something) {
            LOG.infof("services are seen to by the gateways %s", membership);
            listeners.forEach(Runnable::run);
        }
    }

    /** Finds the addresses of the names; keeps those of a name that nobody answers for. */
    private void lookUp() {
        List<Address> found = new ArrayList<>();
        for (String name : settings.names) {
            int colon = name.lastIndexOf(':');
            int port = Integer.parseInt(name.substring(colon + 1));
            try {
                for (InetAddress one : InetAddress.getAllByName(name.substring(0, colon))) {
                    found.add(new Address(one.getHostAddress(), port));
                }
            } catch (UnknownHostException e) {
                addresses.stream().filter(a -> a.port == port).forEach(found::add);
            }
        }
        addresses = List.copyOf(found);
        Set<String> texts = new HashSet<>();
        found.forEach(a -> texts.add(a.toString()));
        changed(membership.addresses(texts, clock.nanos()));
    }

    @Override
    public void close() {
        vertx.cancelTimer(asking);
        vertx.cancelTimer(lookingUp);
        client.close();
    }
}
