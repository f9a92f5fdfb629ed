package dev.hearth.gateway.acme;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the authority is to find at a path of a host, as a proof that this platform has it (http-01,
 * RFC 8555 section 8.3). Filled while a certificate is ordered, empty otherwise; safe from any
 * thread.
 */
public final class Challenges {
    private static final String PATH = "/.well-known/acme-challenge/";

    private final Map<String, String> answers = new ConcurrentHashMap<>();

    void add(String token, String answer) {
        answers.put(token, answer);
    }

    void remove(String token) {
        answers.remove(token);
    }

    /** Whether there is any. */
    public boolean isEmpty() {
        return answers.isEmpty();
    }

    /**
     * What to answer at a path; empty for one that is not the platform's to answer, which a
     * container of the host may do.
     */
    public Optional<String> answer(String path) {
        return !answers.isEmpty() && path.startsWith(PATH)
                ? Optional.ofNullable(answers.get(path.substring(PATH.length())))
                : Optional.empty();
    }
}
