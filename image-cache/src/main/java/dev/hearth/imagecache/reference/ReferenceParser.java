package dev.hearth.imagecache.reference;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads image references. The grammar of registry references is the distribution project's (<a
 * href="https://pkg.go.dev/github.com/distribution/reference">reference</a>), but the registry's
 * host must be written out: which registry a bare name means is nobody's guess here. Docker Hub's
 * names become one: {@code index.docker.io/nginx} is {@code docker.io/library/nginx}.
 */
public final class ReferenceParser {
    private static final int MOST_CHARACTERS = 4096;
    private static final int MOST_REPOSITORY_CHARACTERS = 255;

    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    private static final Pattern HOST =
            Pattern.compile(
                    "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-fA-F:]{2,45}\\])(:\\d{1,5})?");
    private static final String PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern REPOSITORY = Pattern.compile(PART + "(?:/" + PART + ")*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    private ReferenceParser() {}

    /**
     * The reference that {@code text} writes; relative paths count from the working directory.
     *
     * @throws HearthException INVALID {@code invalid-image}
     */
    public static ImageReference parse(String text) {
        if (text.isBlank() || text.length() > MOST_CHARACTERS || text.indexOf('\0') >= 0) {
            throw invalid(text, "it is empty, too long or has a NUL");
        }
        if (text.startsWith("oci:")) {
            return file(text, "oci:", ImageReference.OciLayout::new);
        }
        if (text.startsWith("oci-archive:")) {
            return file(text, "oci-archive:", ImageReference.OciArchive::new);
        }
        if (text.startsWith("docker-archive:")) {
            return file(text, "docker-archive:", ImageReference.DockerArchive::new);
        }
        return registry(text);
    }

    /** Whether it is a repository's name. */
    public static boolean isRepository(String name) {
        return name.length() <= MOST_REPOSITORY_CHARACTERS && REPOSITORY.matcher(name).matches();
    }

    /** Whether it is a tag. */
    public static boolean isTag(String name) {
        return TAG.matcher(name).matches();
    }

    /** A path, and after its last colon a tag unless a slash follows. */
    private static ImageReference file(
            String text, String scheme, BiFunction<Path, Optional<String>, ImageReference> make) {
        String rest = text.substring(scheme.length());
        Matcher named =
                Pattern.compile("([^:]+):((?:[^/:]+(?:/[^/:]+)*:)?[^/:]+)", Pattern.DOTALL)
                        .matcher(rest);
        boolean hasTag = named.matches();
        String path = hasTag ? named.group(1) : rest;
        if (path.isEmpty()) {
            throw invalid(text, "no path follows " + scheme);
        }
        try {
            return make.apply(
                    Path.of(path).toAbsolutePath().normalize(),
                    hasTag ? Optional.of(named.group(2)) : Optional.empty());
        } catch (InvalidPathException e) {
            throw invalid(text, "\"" + path + "\" is not a path here");
        }
    }

    private static ImageReference registry(String text) {
        int at = text.indexOf('@');
        Optional<Digest> digest =
                at < 0 ? Optional.empty() : Optional.of(digest(text, text.substring(at + 1)));
        String named = at < 0 ? text : text.substring(0, at);
        int slash = named.indexOf('/');
        String host = slash < 0 ? "" : named.substring(0, slash);
        boolean isHost = host.contains(".") || host.contains(":") || host.equals("localhost");
        if (!isHost || !HOST.matcher(host).matches() || !portInRange(host)) {
            throw invalid(
                    text,
                    "write the registry's host first, as in registry.example/name:tag, or oci:DIR,"
                            + " oci-archive:FILE, docker-archive:FILE");
        }
        String rest = named.substring(slash + 1);
        int colon = rest.lastIndexOf(':');
        String repository = colon < 0 ? rest : rest.substring(0, colon);
        String tag = colon < 0 ? "latest" : rest.substring(colon + 1);
        if (!isRepository(repository)) {
            throw invalid(
                    text,
                    "repository \""
                            + repository
                            + "\" is not lower-case words joined by / . _ or -");
        }
        if (!isTag(tag)) {
            throw invalid(text, "\"" + tag + "\" is not a tag");
        }
        String canonical = DockerHub.canonicalHost(host);
        return new ImageReference.Registry(
                canonical, DockerHub.repository(canonical, repository), tag, digest);
    }

    private static boolean portInRange(String host) {
        Matcher m = HOST.matcher(host);
        if (!m.matches() || m.group(1) == null) {
            return true;
        }
        int port = Integer.parseInt(m.group(1).substring(1));
        return port >= 1 && port <= 65535;
    }

    private static Digest digest(String text, String digest) {
        try {
            return new Digest(digest);
        } catch (HearthException e) {
            throw invalid(text, "after @ comes sha256: and 64 lower-case hex digits");
        }
    }

    private static HearthException invalid(String text, String why) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return HearthException.invalid(
                "invalid-image",
                "image \"" + shown.replaceAll("\\p{Cntrl}", "?") + "\" is not a reference: " + why);
    }
}
