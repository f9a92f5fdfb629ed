package dev.hearth.catalog.store;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.hearth.contracts.Metadata;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON in {@code services.metadata} and {@code revisions.metadata}; either part may miss. */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later release
record MetadataColumn(
        @Nullable Map<String, String> labels, @Nullable Map<String, String> annotations) {
    static MetadataColumn of(Metadata metadata) {
        return new MetadataColumn(metadata.labels(), metadata.annotations());
    }

    Metadata value() {
        return new Metadata(
                labels == null ? Map.of() : labels, annotations == null ? Map.of() : annotations);
    }
}
