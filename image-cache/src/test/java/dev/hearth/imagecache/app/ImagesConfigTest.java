package dev.hearth.imagecache.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.DataSize;
import dev.hearth.imagecache.CacheLimits;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.LogInFile;
import dev.hearth.imagecache.registry.Mirrors;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistryPolicy;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.unpack.UnpackLimits;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImagesConfigTest {
    private static final Path DATA = Path.of("/");
    private static final EmbeddedRegistry.Settings REGISTRY =
            new EmbeddedRegistry.Settings(List.of("localhost:8080"), "secret", 1 << 20);

    @Test
    void options_nothingConfigured_defaults() throws IOException {
        CacheOptions options =
                ImagesRoom.options(DATA, new RegistryPolicy(Set.of()), REGISTRY, config(Map.of()));

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
                        "hearth.images.docker-config", "/log-ins",
                        "hearth.images.mirrors", "docker.io=https://mirror.example/hub",
                        "hearth.images.ca-file", "/ca.pem");
        RegistryPolicy policy = new RegistryPolicy(Set.of("10.0.0.1"), Set.of(8081));

        assertThat(ImagesRoom.options(DATA, policy, REGISTRY, config(keys)))
                .isEqualTo(
                        new CacheOptions(
                                DATA,
                                new CacheLimits(
                                        Duration.ofSeconds(5),
                                        Duration.ofMinutes(2),
                                        7,
                                        new UnpackLimits(10, new DataSize(1 << 20))),
                                new RegistryOptions(
                                        policy,
                                        new DockerCredentials(Path.of("/log-ins"))
                                                .after(
                                                        new LogInFile(
                                                                Path.of(
                                                                        "/projects/default/registries.json"),
                                                                true)),
                                        new Mirrors(
                                                Map.of(
                                                        "docker.io",
                                                        List.of(
                                                                URI.create(
                                                                        "https://mirror.example/hub")))),
                                        Optional.of(Path.of("/ca.pem"))),
                                REGISTRY,
                                DataSize.parse("3Gi")));
    }

    @Test
    void hosts_areTheDomainANameInItAndLoopback() {
        assertThat(ImagesRoom.hosts("localhost", 8080))
                .containsExactly("localhost:8080", "registry.localhost:8080", "127.0.0.1:8080");
        assertThat(ImagesRoom.hosts("apps.example.com", 80))
                .containsExactly(
                        "apps.example.com", "registry.apps.example.com", "localhost", "127.0.0.1");
    }

    @Test
    void options_environmentVariables_taken() {
        ImagesConfig config =
                new SmallRyeConfigBuilder()
                        .withMapping(ImagesConfig.class)
                        .withSources(
                                new EnvConfigSource(
                                        Map.of(
                                                "HEARTH_IMAGES_MIRRORS",
                                                "docker.io=https://a.example,docker.io=https://b.example/x",
                                                "HEARTH_IMAGES_CA_FILE",
                                                "/ca.pem"),
                                        300))
                        .build()
                        .getConfigMapping(ImagesConfig.class);

        RegistryOptions options =
                ImagesRoom.options(DATA, new RegistryPolicy(Set.of()), REGISTRY, config)
                        .registries();

        assertThat(options.mirrors().byHost())
                .containsExactly(
                        Map.entry(
                                "docker.io",
                                List.of(
                                        URI.create("https://a.example"),
                                        URI.create("https://b.example/x"))));
        assertThat(options.caFile()).contains(Path.of("/ca.pem"));
    }

    private static ImagesConfig config(Map<String, String> keys) {
        return new SmallRyeConfigBuilder()
                .withMapping(ImagesConfig.class)
                .withSources(new PropertiesConfigSource(keys, "test", 100))
                .build()
                .getConfigMapping(ImagesConfig.class);
    }
}
