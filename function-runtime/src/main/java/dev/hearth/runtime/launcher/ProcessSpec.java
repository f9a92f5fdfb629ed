package dev.hearth.runtime.launcher;

import dev.hearth.contracts.SecretValues;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a sandbox shall run; twin of {@code struct hl_spec} in protocol.h.
 *
 * @param groups supplementary group ids, at most 32
 * @param layers names below the layer store, top layer first
 * @param args the command and its arguments
 * @param env {@code NAME=value} each
 * @param diskBytes bound of the writable layer
 * @param diskInodes bound of the files in it
 * @param files secrets, each the only reader of which is the command's user
 */
public record ProcessSpec(
        String hostname,
        String workdir,
        String hosts,
        String resolv,
        List<String> layers,
        List<String> args,
        List<String> env,
        int uid,
        int gid,
        List<Integer> groups,
        long diskBytes,
        long diskInodes,
        List<SecretValues.Value> files) {
    static final int MAGIC = 0x48535031;
    static final int HEADER_BYTES = 184;
    static final int MOST_GROUPS = 32;
    static final int MOST_FILES = 64;
    static final int MOST_BYTES = 2 << 20;

    /**
     * The bytes of the memory file; throws IllegalArgumentException when they would be too many.
     */
    byte[] toBytes() {
        ByteArrayOutputStream strings = new ByteArrayOutputStream(2048);
        for (String s : List.of(hostname, workdir, hosts, resolv)) {
            append(strings, s);
        }
        layers.forEach(s -> append(strings, s));
        args.forEach(s -> append(strings, s));
        env.forEach(s -> append(strings, s));
        files.forEach(f -> append(strings, f));
        int bytes = HEADER_BYTES + strings.size();
        if (bytes > MOST_BYTES || groups.size() > MOST_GROUPS || files.size() > MOST_FILES) {
            throw new IllegalArgumentException(
                    "command and environment of "
                            + bytes
                            + " bytes, "
                            + groups.size()
                            + " groups, "
                            + files.size()
                            + " secret files");
        }
        ByteBuffer b = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        b.putInt(MAGIC).putInt(bytes).putInt(uid).putInt(gid).putInt(groups.size());
        for (int i = 0; i < MOST_GROUPS; i++) {
            b.putInt(i < groups.size() ? groups.get(i) : 0);
        }
        b.putInt(layers.size()).putInt(args.size()).putInt(env.size());
        b.putInt(files.size()).putInt(0);
        b.putLong(diskBytes).putLong(diskInodes);
        b.put(strings.toByteArray());
        return b.array();
    }

    private static void append(ByteArrayOutputStream out, SecretValues.Value file) {
        append(out, file.target());
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        out.writeBytes(length.putInt(file.bytes().length).array());
        out.writeBytes(file.bytes());
    }

    private static void append(ByteArrayOutputStream out, String s) {
        if (s.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a string with a NUL character");
        }
        out.writeBytes(s.getBytes(StandardCharsets.UTF_8));
        out.write(0);
    }
}
