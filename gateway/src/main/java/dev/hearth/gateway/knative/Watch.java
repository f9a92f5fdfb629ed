package dev.hearth.gateway.knative;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Service;
import dev.hearth.gateway.knative.Changes.Change;
import dev.hearth.gateway.knative.Changes.Type;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * One watch of a namespace's services: an answer that goes on, a line of JSON for each change,
 * until its time is over or the client goes. What fails ends it: clients go on from where they
 * were.
 *
 * <p>Runs on its request's event loop.
 */
final class Watch {
    private static final long LOOK_MILLIS = 1_000;

    private final RoutingContext c;
    private final Watches watches;
    private final String namespace;
    private final CatalogPort catalog;
    private final ServiceWriter writer;
    private final Selection selection;
    private final Executor loop;
    private String place = "";
    private boolean busy;
    private boolean over;
    private long looks;
    private long end;

    /**
     * @param context the request's
     */
    Watch(
            RoutingContext c,
            Watches watches,
            String namespace,
            CatalogPort catalog,
            ServiceWriter writer,
            Selection selection,
            Context context) {
        this.c = c;
        this.watches = watches;
        this.namespace = namespace;
        this.catalog = catalog;
        this.writer = writer;
        this.selection = selection;
        this.loop = then -> context.runOnContext(now -> then.run());
    }

    /**
     * Tells what changes after a place.
     *
     * @param from where; empty, or 0, for all that there is, and what changes then
     * @param seconds after which it ends
     */
    CompletionStage<Void> begin(String from, int seconds) {
        boolean all = from.isEmpty() || from.equals("0");
        if (!all) {
            watches.after(namespace, from); // fails before the answer has begun
        }
        return watches.look(namespace, catalog)
                .thenCompose(
                        now ->
                                all
                                        ? catalog.services()
                                                .thenApply(there -> new Start(there, now))
                                        : CompletableFuture.completedFuture(
                                                new Start(List.of(), from)))
                .thenAcceptAsync(first -> open(first, seconds), loop);
    }

    private record Start(List<Service> there, String place) {}

    private void open(Start first, int seconds) {
        HttpServerResponse response = c.response();
        if (response.ended() || response.closed()) {
            return; // the client has gone meanwhile
        }
        watches.begin(namespace);
        c.addEndHandler(ended -> stop());
        place = first.place();
        response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        response.write(Buffer.buffer()); // the head, so that the client knows that it is watching
        for (Service service : first.there()) {
            if (selection.matches(service)) {
                send(Type.ADDED, writer.write(service), place);
            }
        }
        looks = c.vertx().setPeriodic(LOOK_MILLIS, tick -> look());
        end = c.vertx().setTimer(seconds * 1_000L, due -> close());
    }

    private void stop() {
        if (!over) {
            over = true;
            c.vertx().cancelTimer(looks);
            c.vertx().cancelTimer(end);
            watches.end(namespace);
        }
    }

    private void close() {
        if (!over) {
            c.response().end();
        }
    }

    /** Not while the last look goes on, nor while the client is behind. */
    private void look() {
        if (busy || over || c.response().writeQueueFull()) {
            return;
        }
        busy = true;
        watches.lookAgain(namespace, catalog)
                .thenCompose(looked -> changed())
                .whenCompleteAsync(
                        (done, failure) -> {
                            busy = false;
                            if (failure != null) {
                                fail(HearthException.from(failure));
                            }
                        },
                        loop);
    }

    private CompletionStage<Void> changed() {
        List<Change> changes = watches.after(namespace, place);
        Map<String, Long> lasts = new HashMap<>();
        changes.forEach(change -> lasts.put(change.service().value(), change.number()));
        CompletionStage<Void> told = CompletableFuture.completedFuture(null);
        for (Change change : changes) {
            String name = change.service().value();
            boolean isLast = Long.valueOf(change.number()).equals(lasts.get(name));
            if (selection.matches(name) && (isLast || change.type() == Type.DELETED)) {
                told = told.thenCompose(before -> tell(change));
            }
        }
        return told.thenRunAsync(
                () -> {
                    if (!changes.isEmpty()) {
                        place = watches.place(changes.getLast().number());
                    }
                },
                loop);
    }

    /** Services are told of as they are by now. */
    private CompletionStage<Void> tell(Change change) {
        String at = watches.place(change.number());
        if (change.type() == Type.DELETED) {
            return CompletableFuture.runAsync(
                    () -> send(Type.DELETED, writer.writeGone(change), at), loop);
        }
        return catalog.service(change.service())
                .thenAcceptAsync(now -> send(change.type(), writer.write(now), at), loop)
                .exceptionally(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() != ErrorKind.NOT_FOUND) {
                                throw why;
                            }
                            return null; // the next look tells that it is gone
                        });
    }

    private void send(Type type, ObjectNode object, String at) {
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        metadata.put("resourceVersion", metadata.path("resourceVersion").asText() + at);
        line(type.name(), object);
    }

    private void fail(HearthException why) {
        if (!over) {
            line("ERROR", KnativeRoutes.status(why));
            close();
        }
    }

    private void line(String type, ObjectNode object) {
        if (!over) {
            ObjectNode event = JsonNodeFactory.instance.objectNode();
            event.put("type", type).set("object", object);
            c.response().write(event + "\n");
        }
    }
}
