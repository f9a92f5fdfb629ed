package dev.hearth.imagecache.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.ImageConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an image's configuration and refuses what no process could be given. */
public final class ConfigReader {
    private static final int MOST_ENV = 1000;
    private static final int MOST_PATH = 4095; // Linux' PATH_MAX without its NUL

    private ConfigReader() {}

    private record RawConfig(
            @JsonProperty("Entrypoint") @Nullable List<@Nullable String> entrypoint,
            @JsonProperty("Cmd") @Nullable List<@Nullable String> cmd,
            @JsonProperty("Env") @Nullable List<@Nullable String> env,
            @JsonProperty("User") @Nullable String user,
            @JsonProperty("WorkingDir") @Nullable String workingDir,
            @JsonProperty("ExposedPorts") @Nullable Map<String, Object> exposedPorts,
            @JsonProperty("Labels") @Nullable Map<String, @Nullable String> labels) {}

    private record RawRootfs(
            @Nullable String type,
            @JsonProperty("diff_ids") @Nullable List<@Nullable String> diffIds) {}

    private record Raw(
            @Nullable String os,
            @Nullable String architecture,
            @Nullable String variant,
            @Nullable RawConfig config,
            @Nullable RawRootfs rootfs) {}

    public static ConfigFile read(byte[] document) throws BadDocumentException {
        Raw raw = Json.read(document, Raw.class, "configuration");
        if (raw.rootfs == null || raw.rootfs.diffIds == null) {
            throw new BadDocumentException("its configuration lists no layers (rootfs.diff_ids)");
        }
        List<Digest> diffIds = new ArrayList<>();
        for (String text : words(raw.rootfs.diffIds, "diff ids")) {
            diffIds.add(Documents.digest(text, "unpacked layer"));
        }
        Platform platform =
                new Platform(text(raw.os, "os"), text(raw.architecture, "architecture"), "");
        return new ConfigFile(platform, diffIds, config(raw.config));
    }

    private static ImageConfig config(@Nullable RawConfig raw) throws BadDocumentException {
        if (raw == null) {
            return new ImageConfig(List.of(), List.of(), List.of(), "", "", Set.of(), Map.of());
        }
        List<String> entrypoint = words(raw.entrypoint, "entrypoint");
        List<String> cmd = words(raw.cmd, "command");
        List<String> env = words(raw.env, "environment");
        if (env.size() > MOST_ENV) {
            throw new BadDocumentException(
                    "it sets " + env.size() + " environment variables; the most is " + MOST_ENV);
        }
        for (String one : env) {
            if (one.indexOf('=') < 1) {
                throw new BadDocumentException("an environment entry of it is not NAME=VALUE");
            }
        }
        checkBytes(entrypoint, cmd, env);
        Map<String, @Nullable String> labels = raw.labels == null ? Map.of() : raw.labels;
        Map<String, String> known = new java.util.HashMap<>();
        labels.forEach((name, value) -> known.put(name, value == null ? "" : value));
        return new ImageConfig(
                entrypoint,
                cmd,
                env,
                path(raw.user, "user"),
                path(raw.workingDir, "working directory"),
                raw.exposedPorts == null ? Set.of() : raw.exposedPorts.keySet(),
                known);
    }

    private static void checkBytes(List<String> entrypoint, List<String> cmd, List<String> env)
            throws BadDocumentException {
        long bytes = 0;
        for (List<String> words : List.of(entrypoint, cmd, env)) {
            for (String word : words) {
                bytes += word.length() + 1L;
            }
        }
        if (bytes > ContainerSpec.MOST_BYTES) {
            throw new BadDocumentException(
                    "its command and environment have "
                            + bytes
                            + " characters; the most is "
                            + ContainerSpec.MOST_BYTES);
        }
    }

    private static List<String> words(@Nullable List<@Nullable String> raw, String what)
            throws BadDocumentException {
        List<String> words = new ArrayList<>();
        if (raw != null) {
            for (String word : raw) {
                if (word == null) {
                    throw new BadDocumentException("its " + what + " has a null");
                }
                words.add(text(word, what));
            }
        }
        return words;
    }

    /** As long as a path may be. */
    private static String path(@Nullable String raw, String what) throws BadDocumentException {
        String text = text(raw, what);
        if (text.length() > MOST_PATH) {
            throw new BadDocumentException(
                    "its "
                            + what
                            + " has "
                            + text.length()
                            + " characters; the most is "
                            + MOST_PATH);
        }
        return text;
    }

    private static String text(@Nullable String raw, String what) throws BadDocumentException {
        if (raw == null) {
            return "";
        }
        if (raw.indexOf('\0') >= 0) {
            throw new BadDocumentException("its " + what + " has a NUL character");
        }
        return raw;
    }
}
