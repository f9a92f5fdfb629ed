package dev.hearth.catalog.store;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.hearth.contracts.DomainName;
import java.util.ArrayList;
import java.util.List;

/** The JSON in {@code services.domains}. */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later release
record DomainsColumn(List<String> names) {
    static final DomainsColumn NONE = new DomainsColumn(List.of());

    List<DomainName> value() {
        return names.stream().map(DomainName::new).toList();
    }

    DomainsColumn with(DomainName name) {
        List<String> more = new ArrayList<>(names);
        more.add(name.value());
        more.sort(null);
        return new DomainsColumn(more);
    }

    DomainsColumn without(DomainName name) {
        return new DomainsColumn(names.stream().filter(n -> !n.equals(name.value())).toList());
    }
}
