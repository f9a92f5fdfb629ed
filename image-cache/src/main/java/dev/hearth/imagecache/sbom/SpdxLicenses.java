package dev.hearth.imagecache.sbom;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import org.cyclonedx.CycloneDxSchema;
import org.cyclonedx.model.License;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.license.Expression;

/**
 * Tells which licence texts are <a href="https://spdx.org/licenses/">SPDX</a> identifiers or
 * expressions of them, and which are just text; CycloneDX has a place for each.
 */
final class SpdxLicenses {
    /** The identifiers, exceptions too, that CycloneDX's own schema allows. */
    private static final Set<String> KNOWN = load();

    private SpdxLicenses() {}

    private record Schema(@JsonProperty("enum") List<String> ids) {}

    static LicenseChoice choice(String text) {
        LicenseChoice choice = new LicenseChoice();
        if (!KNOWN.contains(text) && isExpression(text)) {
            choice.setExpression(new Expression(text));
            return choice;
        }
        License license = new License();
        if (KNOWN.contains(text)) {
            license.setId(text);
        } else {
            license.setName(text);
        }
        choice.addLicense(license);
        return choice;
    }

    /** Whether it is known identifiers joined by AND, OR and WITH, with sound parentheses. */
    private static boolean isExpression(String text) {
        int depth = 0;
        boolean operand = true; // whether one has to come now
        boolean exception = false;
        StringTokenizer tokens = new StringTokenizer(text, " ()", true);
        while (tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            boolean sound =
                    switch (token) {
                        case " " -> true;
                        case "(" -> operand && !exception && depth++ >= 0;
                        case ")" -> !operand && --depth >= 0;
                        case "AND", "OR", "WITH" -> !operand;
                        default -> operand && isLicense(token);
                    };
            if (!sound) {
                return false;
            }
            switch (token) {
                case " ", "(", ")" -> {}
                case "AND", "OR", "WITH" -> {
                    operand = true;
                    exception = token.equals("WITH");
                }
                default -> {
                    operand = false;
                    exception = false;
                }
            }
        }
        return !operand && depth == 0;
    }

    /** An identifier; with a plus, that version or any later one. */
    private static boolean isLicense(String token) {
        return KNOWN.contains(token)
                || (token.endsWith("+") && KNOWN.contains(token.substring(0, token.length() - 1)));
    }

    private static Set<String> load() {
        try (InputStream in = CycloneDxSchema.class.getResourceAsStream("/spdx.schema.json")) {
            if (in == null) {
                throw new IllegalStateException("cyclonedx-core-java lacks spdx.schema.json");
            }
            return Set.copyOf(Json.read(in.readAllBytes(), Schema.class, "licence list").ids());
        } catch (IOException | BadDocumentException e) {
            throw new IllegalStateException("the list of SPDX licences cannot be read", e);
        }
    }
}
