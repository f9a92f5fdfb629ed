package dev.hearth.catalog.store;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.TaskTemplate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON in {@code jobs.template} and {@code executions.template}. */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later release
record TemplateColumn(
        String image,
        String digest,
        List<String> command,
        List<String> args,
        Map<String, String> env,
        @Nullable List<String> secrets, // absent in rows of earlier releases
        int cpuMillis,
        int cpuLimitMillis,
        long memoryBytes,
        String egress,
        int tasks,
        int parallelism,
        int maxRetries,
        long timeoutMillis,
        MetadataColumn metadata) {
    static TemplateColumn of(TaskTemplate t) {
        return new TemplateColumn(
                t.image(),
                t.digest().value(),
                t.container().command(),
                t.container().args(),
                t.container().env(),
                t.container().secrets().stream().map(SecretMount::toString).toList(),
                t.resources().cpu().millis(),
                t.resources().cpuLimit().millis(),
                t.resources().memory().bytes(),
                t.egress().toString(),
                t.tasks(),
                t.parallelism(),
                t.maxRetries(),
                t.timeout().toMillis(),
                MetadataColumn.of(t.metadata()));
    }

    TaskTemplate value() {
        return new TaskTemplate(
                image,
                new Digest(digest),
                ContainerSpec.toEnd(
                        command,
                        args,
                        env,
                        secrets == null
                                ? List.of()
                                : secrets.stream().map(SecretMount::parse).toList()),
                new Resources(
                        new Cpu(cpuMillis), new Cpu(cpuLimitMillis), new DataSize(memoryBytes)),
                Egress.parse(egress),
                tasks,
                parallelism,
                maxRetries,
                Duration.ofMillis(timeoutMillis),
                metadata.value());
    }
}
