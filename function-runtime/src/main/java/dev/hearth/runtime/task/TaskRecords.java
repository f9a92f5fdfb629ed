package dev.hearth.runtime.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.TaskPort.Report;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * One small file for each attempt, there from before its command runs until it is forgotten: what
 * makes sure that none is begun twice, also over a power cut. A file is written beside and renamed,
 * so that it is whole or not there.
 */
final class TaskRecords {
    private static final Logger LOG = Logger.getLogger(TaskRecords.class);
    private static final String SUFFIX = ".task";
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path directory;

    private TaskRecords(Path directory) {
        this.directory = directory;
    }

    static TaskRecords open(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new TaskRecords(directory);
    }

    private Path file(RevisionName attempt) {
        return directory.resolve(attempt + SUFFIX);
    }

    /** Writes what is known of an attempt; it is on the disk when this returns. */
    void write(Report report) throws IOException {
        Path file = file(report.attempt());
        Path fresh = directory.resolve(report.attempt() + ".new");
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(StoredReport.of(report)));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    void remove(RevisionName attempt) throws IOException {
        Files.deleteIfExists(file(attempt));
    }

    /** All there are; one that cannot be read is left out, and said. */
    List<Report> all() throws IOException {
        List<Report> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                try {
                    all.add(JSON.readValue(Files.readAllBytes(file), StoredReport.class).report());
                } catch (JsonProcessingException
                        | HearthException
                        | IllegalArgumentException
                        | DateTimeException
                        | NullPointerException strange) {
                    LOG.errorf("%s is no record of a task: %s", file, strange.getMessage());
                }
            }
        }
        return all;
    }
}
