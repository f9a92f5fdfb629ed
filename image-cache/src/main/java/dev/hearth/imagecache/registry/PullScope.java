package dev.hearth.imagecache.registry;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a token is asked for: the repositories that the registry's challenge names, as some keep an
 * image under another name inside, and of the actions that it wants no other than to pull. See <a
 * href="https://distribution.github.io/distribution/spec/auth/scope/">token scopes</a>.
 */
final class PullScope {
    /** A registry wants one repository, or two where it would mount from another. */
    private static final int MOST_SCOPES = 4;

    private static final Pattern SCOPE =
            Pattern.compile("(repository(?:\\([a-z0-9]+\\))?:[a-zA-Z0-9._/:-]{1,320}):([a-z*,]+)");

    private PullScope() {}

    static String of(Challenge challenge, String repository) {
        String asked =
                Arrays.stream(challenge.parameter("scope").split(" ", -1))
                        .map(SCOPE::matcher)
                        .filter(Matcher::matches)
                        .filter(PullScope::pulls)
                        .limit(MOST_SCOPES)
                        .map(scope -> scope.group(1) + ":pull")
                        .collect(Collectors.joining(" "));
        return asked.isEmpty() ? "repository:" + repository + ":pull" : asked;
    }

    private static boolean pulls(Matcher scope) {
        List<String> actions = Arrays.asList(scope.group(2).split(",", -1));
        return actions.contains("pull") || actions.contains("*");
    }
}
