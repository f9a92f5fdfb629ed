package dev.hearth.imagecache.unpack;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The name of a tar entry as steps from the layer's root; each character is one byte (Latin-1).
 *
 * @param steps none for the root itself; never empty, {@code .} or {@code ..}
 */
record EntryName(List<String> steps) {
    /** The most bytes of one step: the kernel's NAME_MAX. */
    static final int MOST_STEP_BYTES = 255;

    /**
     * The most bytes of a whole name. The kernel's PATH_MAX is 4096; what is left is for the data
     * directory's own path, so that every entry can be reached (and removed) by its full path.
     */
    static final int MOST_BYTES = 3072;

    /**
     * The most directories above an entry. Removing a tree keeps a directory open for each level,
     * so a deeper one could not be cleaned away; real images nest some fifty.
     */
    static final int MOST_STEPS = 256;

    /**
     * The steps of a name as a tar writes it. A leading slash means the layer's root, {@code .} and
     * doubled slashes mean nothing.
     *
     * @throws BadLayerException when it climbs, is too long, or has a NUL
     */
    static EntryName parse(String raw) throws BadLayerException {
        if (raw.length() > MOST_BYTES) {
            throw new BadLayerException(
                    "has a name of " + raw.length() + " bytes; the most is " + MOST_BYTES);
        }
        if (raw.indexOf('\0') >= 0) {
            throw new BadLayerException("has a name with a NUL byte, \"" + shown(raw) + "\"");
        }
        List<String> steps = new ArrayList<>();
        for (String step : raw.split("/")) {
            if (step.isEmpty() || step.equals(".")) {
                continue;
            }
            if (step.equals("..")) {
                throw new BadLayerException(
                        "has a name that climbs out of it, \"" + shown(raw) + "\"");
            }
            if (step.length() > MOST_STEP_BYTES) {
                throw new BadLayerException(
                        "has a file name of "
                                + step.length()
                                + " bytes; the most is "
                                + MOST_STEP_BYTES);
            }
            steps.add(step);
        }
        return new EntryName(List.copyOf(steps));
    }

    boolean isRoot() {
        return steps.isEmpty();
    }

    /** The last step; not of the root. */
    String last() {
        return steps.getLast();
    }

    /** The steps before the last; not of the root. */
    List<String> parents() {
        return steps.subList(0, steps.size() - 1);
    }

    /** Bytes as a person can read them: UTF-8 where it is, control characters made harmless. */
    static String shown(String latin1) {
        String text =
                new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .limit(200)
                .forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return text.length() > 200 ? out + "…" : out.toString();
    }
}
