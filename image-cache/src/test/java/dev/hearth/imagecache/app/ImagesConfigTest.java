package dev.hearth.imagecache.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.DataSize;
import dev.hearth.imagecache.CacheLimits;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.RegistryPolicy;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.unpack.UnpackLimits;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImagesConfigTest {
    private static final Path DATA = Path.of("/");
    private static final EmbeddedRegistry.Settings REGISTRY =
            new EmbeddedRegistry.Settings(List.of("localhost:8080"), "secret", 1 << 20);

    @Test
    void options_nothingConfigured_defaults() throws IOException {
        CacheOptions options = ImagesRoom.options(DATA, Set.of(), REGISTRY, config(Map.of()));

        assertThat(options)
                .isEqualTo(CacheOptions.in(DATA).with(REGISTRY).with(options.diskBudget()));
        assertThat(options.diskBudget().bytes())
                .isEqualTo(Files.getFileStore(DATA).getTotalSpace() / 2);
    }

    @Test
    void options_everyKeyConfigured_taken() {
        Map<String, String> keys =
                Map.of(
                        "hearth.images.resolve-timeout", "5s",
                        "hearth.images.pull-timeout", "2m",
                        "hearth.images.parallel-layers", "7",
                        "hearth.images.layer-entries", "10",
                        "hearth.images.layer-size", "1Mi",
                        "hearth.images.disk-budget", "3Gi",
                        "hearth.images.docker-config", "/log-ins");

        assertThat(ImagesRoom.options(DATA, Set.of("10.0.0.1"), REGISTRY, config(keys)))
                .isEqualTo(
                        new CacheOptions(
                                DATA,
                                new CacheLimits(
                                        Duration.ofSeconds(5),
                                        Duration.ofMinutes(2),
                                        7,
                                        new UnpackLimits(10, new DataSize(1 << 20))),
                                new RegistryPolicy(Set.of("10.0.0.1")),
                                new DockerCredentials(Path.of("/log-ins")),
                                REGISTRY,
                                DataSize.parse("3Gi")));
    }

    @Test
    void hosts_areTheDomainAndANameInIt() {
        assertThat(ImagesRoom.hosts("localhost", 8080))
                .containsExactly("localhost:8080", "registry.localhost:8080", "127.0.0.1:8080");
        assertThat(ImagesRoom.hosts("apps.example.com", 80))
                .containsExactly(
                        "apps.example.com", "registry.apps.example.com", "localhost", "127.0.0.1");
    }

    private static ImagesConfig config(Map<String, String> keys) {
        return new SmallRyeConfigBuilder()
                .withMapping(ImagesConfig.class)
                .withSources(new PropertiesConfigSource(keys, "test", 100))
                .build()
                .getConfigMapping(ImagesConfig.class);
    }
}
