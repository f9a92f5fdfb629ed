package dev.hearth.catalog.store;

import dev.hearth.contracts.ServiceName;
import jakarta.persistence.Embeddable;

/** A service's name within its project. */
@Embeddable
record ServiceKey(String project, String name) {
    /** The only project until there are tenants; the column's default too. */
    static final String DEFAULT_PROJECT = "default";

    static ServiceKey of(ServiceName service) {
        return new ServiceKey(DEFAULT_PROJECT, service.value());
    }
}
