package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.ImageFile;
import dev.hearth.imagecache.rootfs.ImageFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The distribution that an image says it is, by os-release(5); empty texts where it does not say.
 *
 * @param id such as {@code debian}
 * @param version such as {@code 12}
 * @param prettyName for a person
 */
record OsRelease(String id, String version, String prettyName) {
    private static final List<String> PLACES = List.of("/etc/os-release", "/usr/lib/os-release");
    private static final int MOST_BYTES = 64 * 1024;

    private static final Pattern LINE =
            Pattern.compile("(ID|VERSION_ID|PRETTY_NAME)=([\"']?)(.*?)\\2\\s*");

    private static final Pattern ID = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._~^+-]{1,64}");

    static OsRelease read(ImageFiles files) throws IOException {
        for (String place : PLACES) {
            Optional<ImageFile> file = files.find(place);
            if (file.isPresent()) {
                return parse(new String(file.get().read(MOST_BYTES), StandardCharsets.UTF_8));
            }
        }
        return new OsRelease("", "", "");
    }

    private static OsRelease parse(String text) {
        Map<String, String> values = new HashMap<>();
        for (String line : text.split("\n")) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                values.put(matcher.group(1), matcher.group(3));
            }
        }
        String name = values.getOrDefault("PRETTY_NAME", "");
        return new OsRelease(
                only(ID, values.getOrDefault("ID", "")),
                only(VERSION, values.getOrDefault("VERSION_ID", "")),
                name.substring(0, Math.min(name.length(), 200)));
    }

    /** What is not of the form that os-release(5) demands says nothing. */
    private static String only(Pattern form, String value) {
        return form.matcher(value).matches() ? value : "";
    }

    /** {@code debian-12}, or {@code debian} where there is no version (sid), or empty. */
    String distribution() {
        return id.isEmpty() || version.isEmpty() ? id : id + "-" + version;
    }
}
