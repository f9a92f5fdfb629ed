package dev.hearth.gateway.access;

import dev.hearth.contracts.ProjectName;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens that a project's people share, derived from one that the platform has: {@code
 * PROJECT.MAC}, of which the MAC is HMAC-SHA256 under the platform's token. Whoever has one
 * project's can work out neither another's nor the platform's, and nothing has to be stored. The
 * default project has the platform's own.
 */
public final class ProjectSecret {
    private static final String ALGORITHM = "HmacSHA256";

    private ProjectSecret() {}

    /**
     * A project's token.
     *
     * @param platforms the platform's own; nobody has a token where that is empty
     */
    public static String of(String platforms, ProjectName project) {
        if (project.isDefault() || platforms.isEmpty()) {
            return platforms;
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(platforms.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            byte[] code = mac.doFinal(project.value().getBytes(StandardCharsets.UTF_8));
            return project + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(code);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK knows " + ALGORITHM, e);
        }
    }
}
