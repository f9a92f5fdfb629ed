package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.ResealedBody;
import dev.hearth.contracts.AdminApi.SecretBody;
import dev.hearth.contracts.AdminApi.SecretVersionBody;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.SecretPort.State;
import dev.hearth.contracts.SecretPort.Version;
import dev.hearth.gateway.access.Access;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Secrets: they are written here, and read by nobody but instances. */
final class SecretRoutes {
    private static final String SECRETS = AdminApi.BASE + "/secrets";
    private static final String VERSIONS = SECRETS + "/:name/versions";

    private final SecretPort secrets;
    private final AuditPort audit;

    SecretRoutes(SecretPort secrets, AuditPort audit) {
        this.secrets = secrets;
        this.audit = audit;
    }

    void register(Router router) {
        // one more than the most, so that the refusal is the one that says so
        BodyHandler value = BodyHandler.create(false).setBodyLimit(SecretPort.MOST_BYTES + 1);
        router.get(SECRETS).handler(c -> Replies.reply(c, () -> list(c)));
        router.post(SECRETS).handler(value);
        router.post(SECRETS).handler(c -> Replies.reply(c, () -> create(c)));
        router.delete(SECRETS + "/:name")
                .handler(c -> Replies.reply(c, () -> secrets.delete(Access.caller(c), name(c))));
        router.get(VERSIONS).handler(c -> Replies.reply(c, () -> versions(c)));
        router.post(VERSIONS).handler(value);
        router.post(VERSIONS).handler(c -> Replies.reply(c, () -> add(c)));
        state(router, "enable", State.ENABLED);
        state(router, "disable", State.DISABLED);
        state(router, "destroy", State.DESTROYED);
        router.post(AdminApi.BASE + "/reseal-secrets")
                .handler(c -> Replies.reply(c, () -> reseal(c)));
    }

    private CompletionStage<ResealedBody> reseal(RoutingContext c) {
        return audit.note(Access.caller(c), "reseal", "secrets", "")
                .thenCompose(noted -> secrets.reseal(Access.caller(c)))
                .thenApply(ResealedBody::new);
    }

    private void state(Router router, String verb, State state) {
        router.post(VERSIONS + "/:version/" + verb)
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                secrets.set(
                                                                Access.caller(c),
                                                                name(c),
                                                                number(c.pathParam("version")),
                                                                state)
                                                        .thenApply(SecretRoutes::body)));
    }

    private CompletionStage<List<SecretBody>> list(RoutingContext c) {
        return secrets.secrets(Access.caller(c).project())
                .thenApply(
                        all ->
                                all.stream()
                                        .map(
                                                s ->
                                                        new SecretBody(
                                                                s.name().value(),
                                                                s.latest(),
                                                                s.createdAt().toString()))
                                        .toList());
    }

    private CompletionStage<List<SecretVersionBody>> versions(RoutingContext c) {
        return secrets.versions(Access.caller(c).project(), name(c))
                .thenApply(all -> all.stream().map(SecretRoutes::body).toList());
    }

    private CompletionStage<SecretVersionBody> create(RoutingContext c) {
        SecretName name = new SecretName(c.request().getParam("name", ""));
        return secrets.create(Access.caller(c), name, value(c)).thenApply(SecretRoutes::body);
    }

    private CompletionStage<SecretVersionBody> add(RoutingContext c) {
        return secrets.add(Access.caller(c), name(c), value(c)).thenApply(SecretRoutes::body);
    }

    private static SecretVersionBody body(Version v) {
        return new SecretVersionBody(
                v.name().value(),
                v.number(),
                v.state().word(),
                v.keyId(),
                v.createdAt().toString());
    }

    private static byte[] value(RoutingContext c) {
        return c.body().buffer() == null ? new byte[0] : c.body().buffer().getBytes();
    }

    private static SecretName name(RoutingContext c) {
        return new SecretName(c.pathParam("name"));
    }

    private static int number(String text) {
        int version = SecretMount.parseVersion(text);
        if (version == SecretMount.LATEST) {
            throw HearthException.invalid(
                    "invalid-secret",
                    "say which version by its number; the latest one may be another by now");
        }
        return version;
    }
}
