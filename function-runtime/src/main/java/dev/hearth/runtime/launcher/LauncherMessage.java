package dev.hearth.runtime.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One message of the launcher's protocol; twin of {@code struct hl_message} in protocol.h.
 *
 * @param type one of the {@code HL_…} types
 * @param tag the runtime's number for a request, repeated in the answer
 * @param error errno of the failed step; of an exit ESRCH when its status is not known
 * @param status as wait(2) gives it
 */
record LauncherMessage(
        int type,
        long tag,
        int slot,
        int pid,
        int step,
        int error,
        int status,
        long rootfsNanos,
        long execNanos) {
    static final int MAGIC = 0x48544c31;
    static final int VERSION = 5;
    static final int BYTES = 56;

    static final int HELLO = 1;
    static final int PREPARE = 2;
    static final int START = 3;
    static final int LOAD = 4;
    static final int SHUTDOWN = 5;
    static final int NOTE = 6;
    static final int LIST = 7;
    static final int ADOPT = 8;
    static final int WELCOME = 17;
    static final int PREPARED = 18;
    static final int STARTED = 19;
    static final int FAILED = 20;
    static final int EXITED = 21;
    static final int SLOT = 22;
    static final int LISTED = 23;
    static final int ADOPTED = 24;
    static final int LOADED = 25;

    static LauncherMessage request(int type, long tag, int slot, int pid) {
        return new LauncherMessage(type, tag, slot, pid, 0, 0, 0, 0, 0);
    }

    byte[] toBytes() {
        ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        b.putInt(MAGIC).putShort((short) VERSION).putShort((short) type).putLong(tag);
        b.putInt(slot).putInt(pid).putInt(step).putInt(error).putInt(status).putInt(0);
        b.putLong(rootfsNanos).putLong(execNanos);
        return b.array();
    }

    static LauncherMessage parse(byte[] bytes) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        if (bytes.length != BYTES || b.getInt(0) != MAGIC || b.getShort(4) != VERSION) {
            throw new IOException(
                    "the launcher spoke another protocol; stop it (hearth down) and start again");
        }
        return new LauncherMessage(
                b.getShort(6),
                b.getLong(8),
                b.getInt(16),
                b.getInt(20),
                b.getInt(24),
                b.getInt(28),
                b.getInt(32),
                b.getLong(40),
                b.getLong(48));
    }
}
