package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.reference.DockerHub;
import dev.hearth.imagecache.reference.ImageReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers that are asked before the registries that they mirror. A mirror's path goes before the
 * repository, as in podman's registries.conf and Harbor's proxy projects: with {@code
 * docker.io=https://mirror.example/hub} the image {@code docker.io/library/nginx} is {@code
 * mirror.example/hub/library/nginx}.
 *
 * @param byHost the registry's host, and its mirrors in the order in which they are asked
 */
public record Mirrors(Map<String, List<URI>> byHost) {
    /** No mirror for anything. */
    public static final Mirrors NONE = new Mirrors(Map.of());

    private static final Pattern LINE =
            Pattern.compile("([^=/]{1,255})=(https?://[^/@?#]{1,255}(?:/[a-z0-9._/-]{0,255})?)");

    public Mirrors {
        byHost = Map.copyOf(byHost);
    }

    /**
     * The mirrors that lines of {@code host=URL} name.
     *
     * @throws HearthException INVALID {@code invalid-config}
     */
    public static Mirrors parse(List<String> lines) {
        Map<String, List<URI>> byHost = new HashMap<>();
        for (String line : lines) {
            Matcher m = LINE.matcher(line.strip());
            if (!m.matches()) {
                throw invalid(line);
            }
            byHost.computeIfAbsent(DockerHub.canonicalHost(m.group(1)), h -> new ArrayList<>())
                    .add(uri(line, m.group(2)));
        }
        byHost.replaceAll((host, uris) -> List.copyOf(uris));
        return new Mirrors(byHost);
    }

    private static URI uri(String line, String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw invalid(line);
        }
        if (uri.getHost() == null) {
            throw invalid(line);
        }
        return uri;
    }

    private static HearthException invalid(String line) {
        return HearthException.invalid(
                "invalid-config",
                "hearth.images.mirrors has \""
                        + line
                        + "\", which is no mirror; write HOST=URL, as in"
                        + " docker.io=https://mirror.example/hub");
    }

    /** Where to ask for an image before its registry. */
    List<Endpoint> of(ImageReference.Registry image) {
        return byHost.getOrDefault(image.host(), List.of()).stream()
                .map(mirror -> endpoint(mirror, image))
                .toList();
    }

    private static Endpoint endpoint(URI mirror, ImageReference.Registry image) {
        String path = mirror.getPath().replaceAll("^/+|/+$", "");
        String repository = path.isEmpty() ? image.repository() : path + "/" + image.repository();
        return new Endpoint(
                new ImageReference.Registry(
                        mirror.getAuthority(), repository, image.tag(), image.digest()),
                URI.create(mirror.getScheme() + "://" + mirror.getAuthority() + "/v2/"),
                true);
    }
}
