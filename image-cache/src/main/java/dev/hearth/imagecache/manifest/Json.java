package dev.hearth.imagecache.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * How JSON of strangers is read: nested 32 levels at most, no key twice (two readers might believe
 * different ones), nothing after the end; unknown keys are passed over, as OCI demands.
 */
public final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(32)
                                                    .maxStringLength(2 << 20)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    /** The document as {@code type}; {@code what} names it in the message of a failure. */
    public static <T> T read(byte[] document, Class<T> type, String what)
            throws BadDocumentException {
        T value;
        try {
            value = MAPPER.readValue(document, type);
        } catch (JsonProcessingException e) {
            throw new BadDocumentException(
                    "its " + what + " is not valid (" + e.getOriginalMessage() + ")");
        } catch (IOException e) {
            throw new BadDocumentException("its " + what + " is not valid (" + e + ")");
        }
        if (value == null) {
            throw new BadDocumentException("its " + what + " is null");
        }
        return value;
    }

    /** The document that {@link #read} reads back. */
    public static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not writable as JSON: " + value, e);
        }
    }
}
