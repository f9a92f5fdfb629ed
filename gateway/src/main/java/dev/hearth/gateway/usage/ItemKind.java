package dev.hearth.gateway.usage;

import org.jspecify.annotations.Nullable;

/** What an entry of an {@link ItemFile} is; the numbers are on disk. */
enum ItemKind {
    REQUEST(1),
    /** Time that an instance is billed for. */
    BILLED(2),
    /** Idle time that an instance of a minimum is billed for. */
    IDLE(3),
    /** Octets of an answer that goes on; it begins when the request did. */
    EGRESS(4),
    /** Whose the entries with its number are. */
    SUBJECT(5),
    /** A subject that is being written, or never was to its end. */
    HALF(6);

    private final int number;

    ItemKind(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The kind of that number, or null. */
    static @Nullable ItemKind of(int number) {
        for (ItemKind kind : values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        return null;
    }
}
