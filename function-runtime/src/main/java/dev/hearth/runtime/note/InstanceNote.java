package dev.hearth.runtime.note;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.runtime.net.InstanceNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a runtime has to know of a running instance that it did not start. It is a memory file that
 * the launcher keeps beside the slot, so it lives exactly as long as the launcher does and is never
 * on a disk.
 *
 * @param version of this record; another one's notes are not understood
 * @param revision without its command and environment: what runs needs neither, and they may hold
 *     secrets
 * @param cgroup the group's name
 * @param log the file it prints to
 */
public record InstanceNote(
        int version,
        InstanceId id,
        RevisionSpec revision,
        String cgroup,
        InstanceNetwork.Link link,
        String log,
        Instant startedAt) {
    /** More than any note has; a guard against a file that is none. */
    public static final int MOST_BYTES = 64 * 1024;

    private static final int VERSION = 4;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .addModule(
                            new SimpleModule()
                                    .addSerializer(Egress.class, new ToStringSerializer())
                                    .addDeserializer(Egress.class, new EgressReader())
                                    .addSerializer(Probes.class, new ProbesWriter())
                                    .addDeserializer(Probes.class, new ProbesReader()))
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();

    /** A policy as people write it. */
    private static final class EgressReader extends StdDeserializer<Egress> {
        private static final long serialVersionUID = 1L;

        EgressReader() {
            super(Egress.class);
        }

        @Override
        public Egress deserialize(JsonParser json, DeserializationContext context)
                throws IOException {
            try {
                return Egress.parse(json.getValueAsString(""));
            } catch (HearthException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    /** The startup probe and, behind a semicolon, the liveness probe, as people write them. */
    private static final class ProbesWriter extends StdSerializer<Probes> {
        private static final long serialVersionUID = 1L;

        ProbesWriter() {
            super(Probes.class);
        }

        @Override
        public void serialize(Probes probes, JsonGenerator json, SerializerProvider context)
                throws IOException {
            json.writeString(probes.startupText() + ";" + probes.livenessText());
        }
    }

    private static final class ProbesReader extends StdDeserializer<Probes> {
        private static final long serialVersionUID = 1L;

        ProbesReader() {
            super(Probes.class);
        }

        @Override
        public Probes deserialize(JsonParser json, DeserializationContext context)
                throws IOException {
            String text = json.getValueAsString("");
            int between = text.indexOf(';');
            try {
                return Probes.parse(
                        text.substring(0, Math.max(0, between)), text.substring(between + 1));
            } catch (HearthException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    /** The note about an instance. */
    public static InstanceNote of(
            InstanceId id,
            RevisionSpec revision,
            String cgroup,
            InstanceNetwork.Link link,
            Path log,
            Instant startedAt) {
        return new InstanceNote(
                VERSION, id, withoutSecrets(revision), cgroup, link, log.toString(), startedAt);
    }

    private static RevisionSpec withoutSecrets(RevisionSpec r) {
        ContainerSpec bare =
                new ContainerSpec(
                        List.of(),
                        List.of(),
                        Map.of(),
                        r.container().port(),
                        r.container().http2(),
                        List.of(),
                        r.container().probes());
        return r.withContainer(bare);
    }

    /** As {@link #parse} reads it. */
    public byte[] toBytes() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of values cannot be written", e);
        }
    }

    /** Throws IOException when the bytes are not a note of this version. */
    public static InstanceNote parse(byte[] bytes) throws IOException {
        InstanceNote note = JSON.readValue(bytes, InstanceNote.class);
        if (note == null || note.version != VERSION) {
            throw new IOException("its note is of another version");
        }
        return note;
    }
}
