package dev.hearth.catalog.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/** Hands Flyway the SQL files under {@code db/migration} that are named to it. */
final class MigrationFiles implements ResourceProvider {
    private static final String DIRECTORY = "db/migration/";

    private final List<String> files;

    MigrationFiles(List<String> files) {
        this.files = files;
    }

    @Override
    public @Nullable LoadableResource getResource(String name) {
        return files.contains(name) ? new SqlFile(name) : null;
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return files.stream()
                .filter(f -> f.startsWith(prefix))
                .filter(f -> List.of(suffixes).stream().anyMatch(f::endsWith))
                .<LoadableResource>map(SqlFile::new)
                .toList();
    }

    private static final class SqlFile extends LoadableResource {
        private final String name;

        SqlFile(String name) {
            this.name = name;
        }

        @Override
        public Reader read() {
            try (InputStream in =
                    MigrationFiles.class.getClassLoader().getResourceAsStream(DIRECTORY + name)) {
                if (in == null) {
                    throw new IOException(DIRECTORY + name + " is missing from Hearth's own jar");
                }
                return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String getAbsolutePath() {
            return DIRECTORY + name;
        }

        @Override
        public @Nullable String getAbsolutePathOnDisk() {
            return null;
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
