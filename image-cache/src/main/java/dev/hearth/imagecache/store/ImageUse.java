package dev.hearth.imagecache.store;

import java.util.ArrayList;
import java.util.List;

/**
 * By what names an image came, and when it was used last.
 *
 * @param names references, the newest first
 * @param usedMillis since 1970
 */
record ImageUse(List<String> names, long usedMillis) {
    private static final int MOST_NAMES = 16;

    ImageUse {
        names = List.copyOf(names);
    }

    /** The same with that name first. */
    ImageUse named(String name) {
        List<String> all = new ArrayList<>(names);
        all.remove(name);
        all.addFirst(name);
        return new ImageUse(all.subList(0, Math.min(all.size(), MOST_NAMES)), usedMillis);
    }

    ImageUse without(String name) {
        return new ImageUse(names.stream().filter(n -> !n.equals(name)).toList(), usedMillis);
    }

    ImageUse usedAt(long millis) {
        return new ImageUse(names, millis);
    }
}
