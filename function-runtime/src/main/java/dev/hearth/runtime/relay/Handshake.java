package dev.hearth.runtime.relay;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * The server's side of the beginning of a SOCKS5 connection (RFC 1928) with user name and password
 * (RFC 1929), as far as a relay needs it: CONNECT to an IPv4 address. A client may send everything
 * at once, and what follows, without waiting for answers.
 */
final class Handshake {
    private static final byte VERSION = 5;
    private static final byte PASSWORD_METHOD = 2;
    private static final byte NO_METHOD = (byte) 0xff;
    private static final byte PASSWORD_VERSION = 1;
    private static final byte CONNECT = 1;
    private static final byte IPV4 = 1;
    private static final int REQUEST_BYTES = 10;

    /** The replies of RFC 1928 section 6 that are given. */
    enum Reply {
        SUCCEEDED(0),
        NOT_ALLOWED(2),
        REFUSED(5),
        COMMAND_NOT_SUPPORTED(7),
        ADDRESS_NOT_SUPPORTED(8);

        private final int code;

        Reply(int code) {
            this.code = code;
        }

        /** The reply as it is sent; where the connection comes from is nobody's business. */
        Buffer message() {
            return Buffer.buffer(new byte[] {VERSION, (byte) code, 0, IPV4, 0, 0, 0, 0, 0, 0});
        }
    }

    private enum Step {
        METHODS,
        PASSWORD,
        REQUEST,
        DONE
    }

    private final Predicate<String> password;
    private Buffer unread = Buffer.buffer();
    private Buffer answer = Buffer.buffer();
    private Step step = Step.METHODS;
    private boolean refused;
    private String host = "";
    private int port;

    /**
     * @param password whether one is right
     */
    Handshake(Predicate<String> password) {
        this.password = password;
    }

    /** Takes what the client sent. */
    void read(Buffer octets) {
        unread.appendBuffer(octets);
        int before;
        do {
            before = unread.length();
            if (!refused) {
                next();
            }
        } while (!refused && step != Step.DONE && unread.length() < before);
    }

    private void next() {
        switch (step) {
            case METHODS -> methods();
            case PASSWORD -> password();
            case REQUEST -> request();
            case DONE -> {}
        }
    }

    private void methods() {
        if (unread.length() < 2) {
            return;
        }
        int end = 2 + unread.getUnsignedByte(1);
        if (unread.length() < end) {
            return;
        }
        boolean offered = unread.getByte(0) == VERSION && contains(2, end, PASSWORD_METHOD);
        answer.appendByte(VERSION).appendByte(offered ? PASSWORD_METHOD : NO_METHOD);
        refused = !offered;
        skip(end);
        step = Step.PASSWORD;
    }

    private boolean contains(int from, int to, byte wanted) {
        for (int i = from; i < to; i++) {
            if (unread.getByte(i) == wanted) {
                return true;
            }
        }
        return false;
    }

    private void password() {
        if (unread.length() < 2) {
            return;
        }
        int user = 2 + unread.getUnsignedByte(1);
        if (unread.length() <= user) {
            return;
        }
        int end = user + 1 + unread.getUnsignedByte(user);
        if (unread.length() < end) {
            return;
        }
        String shown = unread.getString(user + 1, end, StandardCharsets.ISO_8859_1.name());
        boolean right = unread.getByte(0) == PASSWORD_VERSION && password.test(shown);
        answer.appendByte(PASSWORD_VERSION).appendByte((byte) (right ? 0 : 1));
        refused = !right;
        skip(end);
        step = Step.REQUEST;
    }

    private void request() {
        if (unread.length() < 4) {
            return;
        }
        if (unread.getByte(0) != VERSION || unread.getByte(1) != CONNECT) {
            refuse(Reply.COMMAND_NOT_SUPPORTED);
            return;
        }
        if (unread.getByte(3) != IPV4) {
            refuse(Reply.ADDRESS_NOT_SUPPORTED);
            return;
        }
        if (unread.length() < REQUEST_BYTES) {
            return;
        }
        host =
                unread.getUnsignedByte(4)
                        + "."
                        + unread.getUnsignedByte(5)
                        + "."
                        + unread.getUnsignedByte(6)
                        + "."
                        + unread.getUnsignedByte(7);
        port = unread.getUnsignedShort(8);
        skip(REQUEST_BYTES);
        step = Step.DONE;
    }

    private void refuse(Reply why) {
        answer.appendBuffer(why.message());
        refused = true;
    }

    private void skip(int octets) {
        unread = unread.getBuffer(octets, unread.length());
    }

    /** What is to be sent to the client now; empties it. */
    Buffer answer() {
        Buffer now = answer;
        answer = Buffer.buffer();
        return now;
    }

    /** Whether the connection is to be closed once {@link #answer} is sent. */
    boolean isRefused() {
        return refused;
    }

    /** Whether {@link #host} and {@link #port} are known. */
    boolean isDone() {
        return step == Step.DONE;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /** What the client sent behind its request. */
    Buffer rest() {
        return unread;
    }
}
