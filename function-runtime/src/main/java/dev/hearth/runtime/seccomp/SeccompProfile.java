package dev.hearth.runtime.seccomp;

import java.util.List;

/**
 * The rules that hold on this machine, in the order of the file.
 *
 * @param defaultAction for every call without a rule
 */
record SeccompProfile(Answer defaultAction, List<Rule> rules) {
    /**
     * What happens to a call.
     *
     * @param errno with {@link Action#ERRNO}, else 0
     */
    record Answer(Action action, int errno) {}

    /** Calls that get one answer when all the comparisons are true. */
    record Rule(List<String> names, Answer answer, List<Comparison> comparisons) {}

    /**
     * A comparison of one argument, as unsigned 64 bits.
     *
     * @param index of the argument, 0 to 5
     * @param value to compare with; the mask of {@link Operator#MASKED_EQ}
     * @param value2 what the masked argument shall be
     */
    record Comparison(int index, Operator operator, long value, long value2) {}

    SeccompProfile {
        rules = List.copyOf(rules);
    }

    /** What this kernel does when a rule matches; the words are those of the launcher. */
    enum Action {
        ALLOW("SCMP_ACT_ALLOW", "allow"),
        ERRNO("SCMP_ACT_ERRNO", "errno"),
        KILL_PROCESS("SCMP_ACT_KILL_PROCESS", "kill-process"),
        KILL_THREAD("SCMP_ACT_KILL_THREAD", "kill-thread"),
        KILL("SCMP_ACT_KILL", "kill-thread"),
        TRAP("SCMP_ACT_TRAP", "trap"),
        LOG("SCMP_ACT_LOG", "log");

        final String inProfile;
        final String word;

        Action(String inProfile, String word) {
            this.inProfile = inProfile;
            this.word = word;
        }

        /** Whether the call is made. */
        boolean letsThrough() {
            return this == ALLOW || this == LOG;
        }
    }

    /** How an argument is compared; the words are those of the launcher. */
    enum Operator {
        NE("SCMP_CMP_NE", "ne"),
        LT("SCMP_CMP_LT", "lt"),
        LE("SCMP_CMP_LE", "le"),
        EQ("SCMP_CMP_EQ", "eq"),
        GE("SCMP_CMP_GE", "ge"),
        GT("SCMP_CMP_GT", "gt"),
        MASKED_EQ("SCMP_CMP_MASKED_EQ", "masked-eq");

        final String inProfile;
        final String word;

        Operator(String inProfile, String word) {
            this.inProfile = inProfile;
            this.word = word;
        }
    }
}
