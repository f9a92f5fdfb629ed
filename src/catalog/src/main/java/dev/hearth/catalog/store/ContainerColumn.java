package dev.hearth.catalog.store;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.SecretMount;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON in {@code revisions.container}. What later versions add is absent in the rows of earlier
 * ones, so that every part but the port may be missing. Empty parts are not written, and unknown
 * ones are passed over: while a platform is upgraded, two releases read each other's rows.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record ContainerColumn(
        @Nullable List<String> command,
        @Nullable List<String> args,
        @Nullable Map<String, String> env,
        int port,
        boolean http2,
        @Nullable List<String> secrets,
        @Nullable String startupProbe,
        @Nullable String livenessProbe) {
    static ContainerColumn of(ContainerSpec spec) {
        return new ContainerColumn(
                spec.command(),
                spec.args(),
                spec.env(),
                spec.port(),
                spec.http2(),
                spec.secrets().stream().map(SecretMount::toString).toList(),
                spec.probes().startupText(),
                spec.probes().livenessText());
    }

    ContainerSpec spec() {
        return new ContainerSpec(
                command == null ? List.of() : command,
                args == null ? List.of() : args,
                env == null ? Map.of() : env,
                port,
                http2,
                secrets == null ? List.of() : secrets.stream().map(SecretMount::parse).toList(),
                Probes.parse(
                        startupProbe == null ? "" : startupProbe,
                        livenessProbe == null ? "" : livenessProbe));
    }
}
