package dev.hearth.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MigrationsTest {
    @Test
    void files_listed_areThoseOfTheDirectory() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/db/migration"))) {
            List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();

            assertThat(Migrations.FILES).isEqualTo(names);
        }
    }
}
