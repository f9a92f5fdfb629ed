package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.DomainBody;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.access.Access;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;

/** Host names of services' own. */
final class DomainRoutes {
    private final CatalogPort catalog;
    private final PublicAddress address;

    DomainRoutes(CatalogPort catalog, PublicAddress address) {
        this.catalog = catalog;
        this.address = address;
    }

    void register(Router router) {
        String domains = AdminApi.BASE + "/domains";
        router.get(domains)
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                catalog(c)
                                                        .domains()
                                                        .thenApply(
                                                                all ->
                                                                        all.stream()
                                                                                .map(this::body)
                                                                                .toList())));
        router.post(domains + "/:domain").handler(c -> Replies.reply(c, () -> add(c)));
        router.delete(domains + "/:domain")
                .handler(c -> Replies.reply(c, () -> catalog(c).removeDomain(domain(c))));
    }

    /** The catalog, for whoever makes the call. */
    private CatalogPort catalog(RoutingContext c) {
        return catalog.as(Access.caller(c));
    }

    private CompletionStage<DomainBody> add(RoutingContext c) {
        DomainName domain = domain(c);
        ServiceName service = new ServiceName(c.request().getParam("service", ""));
        if (domain.isWithin(address.domain()) || domain.isWithin("localhost")) {
            throw HearthException.invalid(
                    "invalid-domain",
                    "domain "
                            + domain
                            + " is within "
                            + address.domain()
                            + ", whose names are the platform's to give; a service is at NAME."
                            + address.domain()
                            + " by itself");
        }
        return catalog(c).addDomain(domain, service).thenApply(this::body);
    }

    private DomainBody body(DomainMapping mapping) {
        String domain = mapping.domain().value();
        return new DomainBody(
                domain,
                mapping.service().value(),
                address.url(domain),
                mapping.createdAt().toString());
    }

    private static DomainName domain(RoutingContext c) {
        return DomainName.parse(c.pathParam("domain"));
    }
}
