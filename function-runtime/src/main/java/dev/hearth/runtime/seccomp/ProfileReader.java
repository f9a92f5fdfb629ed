package dev.hearth.runtime.seccomp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads a profile in Docker's JSON format (docs.docker.com, "Seccomp security profiles for Docker";
 * its fields are those of the OCI runtime specification, "Seccomp"). Nothing is passed over: a key
 * that is not known may be a misspelt restriction. All problems are told at once.
 */
final class ProfileReader {
    private static final String NATIVE = "SCMP_ARCH_X86_64";
    private static final int MOST_PROBLEMS = 20;
    private static final Set<String> KEYS =
            Set.of(
                    "defaultAction",
                    "defaultErrnoRet",
                    "architectures",
                    "archMap",
                    "syscalls",
                    "comment");

    /** What the launcher itself calls between taking the filter and the command's first step. */
    /**
     * What the command's process still does under the filter before it executes, and to execute.
     */
    private static final List<String> NEEDED =
            List.of(
                    "capset",
                    "chdir",
                    "dup2",
                    "execve",
                    "exit_group",
                    "fstat",
                    "getcwd",
                    "pread64",
                    "recvmsg",
                    "rt_sigaction",
                    "rt_sigprocmask",
                    "sendmsg",
                    "setgroups",
                    "setresgid",
                    "setresuid",
                    "write");

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final String what;
    private final Conditions conditions;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param what names the profile in messages
     */
    ProfileReader(String what, Conditions conditions) {
        this.what = what;
        this.conditions = conditions;
    }

    /** Throws INVALID {@code seccomp-profile} with every problem as a detail. */
    SeccompProfile read(byte[] json) {
        JsonNode profile;
        try {
            profile = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw refused(List.of("it is not JSON: " + e.getOriginalMessage()));
        } catch (IOException e) {
            throw refused(List.of("it cannot be read: " + e));
        }
        if (!profile.isObject()) {
            throw refused(List.of("it is not a JSON object"));
        }
        for (String key : (Iterable<String>) profile::fieldNames) {
            if (!KEYS.contains(key)) {
                problems.add("\"" + key + "\" is not known");
            }
        }
        checkArchitectures(profile);
        RuleReader rules = new RuleReader(problems);
        SeccompProfile.Answer byDefault =
                rules.answer(profile, "defaultAction", "defaultErrnoRet", "the profile");
        List<SeccompProfile.Rule> kept = rules(profile.path("syscalls"), rules);
        if (!byDefault.action().letsThrough()) {
            NEEDED.stream()
                    .filter(n -> kept.stream().noneMatch(r -> letsThrough(r, n)))
                    .forEach(n -> problems.add("no rule allows " + n + ", so nothing can start"));
        }
        if (!problems.isEmpty()) {
            throw refused(problems);
        }
        return new SeccompProfile(byDefault, kept);
    }

    private static boolean letsThrough(SeccompProfile.Rule rule, String name) {
        return rule.answer().action().letsThrough() && rule.names().contains(name);
    }

    private void checkArchitectures(JsonNode profile) {
        List<String> names = new ArrayList<>();
        profile.path("architectures").forEach(a -> names.add(a.asText()));
        profile.path("archMap").forEach(a -> names.add(a.path("architecture").asText()));
        // Whatever else is named there, 32-bit and x32 calls are refused: Hearth's images have
        // none.
        if (!names.isEmpty() && !names.contains(NATIVE)) {
            problems.add("its architectures lack " + NATIVE + ", this machine's");
        }
    }

    private List<SeccompProfile.Rule> rules(JsonNode syscalls, RuleReader reader) {
        List<SeccompProfile.Rule> rules = new ArrayList<>();
        if (!syscalls.isArray()) {
            problems.add("it has no list \"syscalls\"");
            return rules;
        }
        for (int i = 0; i < syscalls.size(); i++) {
            JsonNode json = syscalls.get(i);
            String name = RuleReader.describe(json, i + 1);
            List<SeccompProfile.Rule> read = reader.read(json, name);
            if (conditions.admit(json, name, problems)) {
                rules.addAll(read);
            }
        }
        return rules;
    }

    private HearthException refused(List<String> all) {
        String more =
                all.size() == 1 ? all.getFirst() : all.size() + " things are wrong, listed below";
        return new HearthException(
                ErrorKind.INVALID,
                "seccomp-profile",
                "the seccomp profile "
                        + what
                        + " cannot be used: "
                        + more
                        + "; mend it or leave hearth.runtime.seccomp-profile out",
                all.size() == 1 ? List.of() : all.subList(0, Math.min(all.size(), MOST_PROBLEMS)));
    }
}
