package dev.hearth.contracts;

import java.util.List;

/**
 * The values of a revision's secrets, for one start of an instance. They are in memory only, and in
 * no text: {@link #toString} tells how many there are.
 */
public final class SecretValues {
    public static final SecretValues NONE = new SecretValues(List.of());

    private final List<Value> all;

    public SecretValues(List<Value> all) {
        this.all = List.copyOf(all);
    }

    public List<Value> all() {
        return all;
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    @Override
    public String toString() {
        return all.size() + " secrets";
    }

    /** What one variable or file holds. */
    public static final class Value {
        private final String target;
        private final byte[] bytes;

        /**
         * @param target see {@link SecretMount#target}
         * @param bytes not copied
         */
        public Value(String target, byte[] bytes) {
            this.target = target;
            this.bytes = bytes;
        }

        public String target() {
            return target;
        }

        public boolean isFile() {
            return target.startsWith("/");
        }

        /** Not copied; not to be changed. */
        public byte[] bytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return "a secret at " + target;
        }
    }
}
