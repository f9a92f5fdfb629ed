package dev.hearth.runtime.net;

/**
 * Interface groups (ip-link(8)): the number on the host's end of a link that says which egress
 * policy its instance has. Changing it is one netlink message; the rules look it up. All of
 * Hearth's are in one range, so that the platforms of a machine know each other's links.
 */
final class Groups {
    /** "HE" in the upper half, which nobody else is likely to use. */
    static final int FIRST = 0x4845_0000;

    static final int LAST = FIRST + 0xffff;

    /** Has no rules: nothing goes out. */
    static final int NONE = FIRST;

    static final int INTERNET = FIRST + 1;
    static final int ALL = FIRST + 2;

    /** From here on, allow-lists. */
    static final int FIRST_LIST = FIRST + 16;

    private Groups() {}
}
