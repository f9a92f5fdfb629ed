package dev.hearth.imagecache.sbom;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Text of {@code Key: value} lines in stanzas, with an empty line after each: the form of dpkg's
 * and apk's databases. Lines that go on from the one before begin with a space and are passed over.
 */
final class Stanzas {
    private Stanzas() {}

    /**
     * Takes one stanza: the wanted keys that it has; the last one counts where a key is doubled.
     */
    interface Taker {
        void take(Map<String, String> fields) throws IOException;
    }

    /** Gives each stanza that has any of the wanted keys. */
    static void each(byte[] text, Set<String> wanted, Taker taker) throws IOException {
        Map<String, String> fields = new HashMap<>();
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new ByteArrayInputStream(text), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isBlank()) {
                end(fields, taker);
            } else if (line.charAt(0) != ' ' && line.charAt(0) != '\t') {
                int colon = line.indexOf(':');
                if (colon > 0 && wanted.contains(line.substring(0, colon))) {
                    fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
                }
            }
        }
        end(fields, taker);
    }

    private static void end(Map<String, String> fields, Taker taker) throws IOException {
        if (!fields.isEmpty()) {
            taker.take(Map.copyOf(fields));
            fields.clear();
        }
    }
}
