package dev.hearth.contracts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A share of a service's requests.
 *
 * @param revision that gets it; empty for the latest one, whichever that is
 * @param percent of the requests to the service's own host, 0 to 100
 * @param tag with which the revision has a host of its own, {@code TAG---NAME.DOMAIN}; empty for
 *     none
 */
public record TrafficTarget(Optional<RevisionName> revision, int percent, String tag) {
    /** How the latest revision is written. */
    public static final String LATEST = "LATEST";

    /** Of one service; as many as anybody can look through. */
    public static final int MOST = 200;

    /** Everything to whatever was deployed last: what a service begins with. */
    public static final List<TrafficTarget> ALL_TO_LATEST =
            List.of(new TrafficTarget(Optional.empty(), 100, ""));

    /** As long as leaves room for the service's name in a host's label of 63 characters. */
    private static final Pattern TAG = Pattern.compile("[a-z]([a-z0-9-]{0,44}[a-z0-9])?");

    /** Throws INVALID {@code invalid-traffic}. */
    public TrafficTarget {
        if (percent < 0 || percent > 100) {
            throw invalid("a share of " + percent + " % is not between 0 and 100");
        }
        if (!tag.isEmpty() && (!TAG.matcher(tag).matches() || tag.contains("---"))) {
            throw invalid(
                    "tag \""
                            + (tag.length() > 64 ? tag.substring(0, 64) : tag)
                            + "\" is not 1 to 46 lower-case letters, digits and single dashes, starting"
                            + " with a letter");
        }
    }

    /** A share of the latest revision, or of one by its name; LATEST=100, NAME=25. */
    public static TrafficTarget parse(String text) {
        int equals = text.lastIndexOf('=');
        String percent = text.substring(equals + 1).replaceFirst("%$", "");
        if (equals < 1 || !percent.matches("\\d{1,3}")) {
            throw invalid(
                    "\"" + text + "\" is not REVISION=PERCENT, such as LATEST=100 or NAME=25");
        }
        return new TrafficTarget(named(text.substring(0, equals)), Integer.parseInt(percent), "");
    }

    /** The revision of a name; empty for {@link #LATEST}. */
    public static Optional<RevisionName> named(String text) {
        return text.equals(LATEST) ? Optional.empty() : Optional.of(new RevisionName(text));
    }

    /**
     * The same targets if they can be a service's: percentages that add up to 100, each tag once.
     * Throws INVALID {@code invalid-traffic}.
     */
    public static List<TrafficTarget> checked(List<TrafficTarget> targets) {
        int sum = targets.stream().mapToInt(TrafficTarget::percent).sum();
        if (sum != 100) {
            throw invalid("the shares add up to " + sum + " %, not to 100");
        }
        if (targets.size() > MOST) {
            throw invalid(targets.size() + " shares and tags are more than " + MOST);
        }
        Set<String> tags = new HashSet<>();
        Set<Optional<RevisionName>> shared = new HashSet<>();
        for (TrafficTarget target : targets) {
            if (!target.tag.isEmpty() && !tags.add(target.tag)) {
                throw invalid("tag \"" + target.tag + "\" is given twice");
            }
            if (target.tag.isEmpty() && !shared.add(target.revision)) {
                throw invalid(target.word() + " is given two shares");
            }
        }
        return List.copyOf(targets);
    }

    private static HearthException invalid(String why) {
        return HearthException.invalid("invalid-traffic", why);
    }

    /** The same targets with all requests to one revision; tags stay where they are. */
    public static List<TrafficTarget> allTo(
            Optional<RevisionName> revision, List<TrafficTarget> before) {
        return shared(List.of(new TrafficTarget(revision, 100, "")), before);
    }

    /** These shares, and the tags of before. */
    public static List<TrafficTarget> shared(
            List<TrafficTarget> shares, List<TrafficTarget> before) {
        List<TrafficTarget> all = new ArrayList<>(shares);
        for (TrafficTarget target : before) {
            if (!target.tag.isEmpty()) {
                all.add(new TrafficTarget(target.revision, 0, target.tag));
            }
        }
        return checked(all);
    }

    /** The same targets with a tag on this revision, and on no other. */
    public static List<TrafficTarget> tagged(
            String tag, Optional<RevisionName> revision, List<TrafficTarget> before) {
        List<TrafficTarget> all = new ArrayList<>(untagged(tag, before));
        all.add(new TrafficTarget(revision, 0, tag));
        return checked(all);
    }

    /** The same targets without a tag. */
    public static List<TrafficTarget> untagged(String tag, List<TrafficTarget> before) {
        List<TrafficTarget> all = new ArrayList<>();
        for (TrafficTarget target : before) {
            if (!target.tag.equals(tag)) {
                all.add(target);
            } else if (target.percent > 0) {
                all.add(new TrafficTarget(target.revision, target.percent, ""));
            }
        }
        return checked(all);
    }

    /** The revision's name, or {@link #LATEST}. */
    public String word() {
        return revision.map(RevisionName::value).orElse(LATEST);
    }
}
