package dev.hearth.gateway.forward;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * A container that answers as a request's path tells it, well or badly, and counts what it gets:
 * {@code /ID/WAY/SIZE}. An answer bears the request's id, what it got as a body, and a body of a
 * size that the id determines the octets of.
 */
final class OddContainer implements RawContainer.Answering {
    /** How it answers. */
    enum Way {
        LENGTH,
        CHUNKS,
        UNTIL_CLOSE,
        INTERIM,
        LATE,
        EARLY,
        CLOSES,
        BREAKS_BEFORE,
        BREAKS_INSIDE,
        NOT_HTTP
    }

    private final Map<String, Integer> heads = new ConcurrentHashMap<>();

    /** How often it has got the head of a request. */
    int heads(String id) {
        return heads.getOrDefault(id, 0);
    }

    /** The body of the answer to a request. */
    static byte[] body(String id, int size) {
        byte[] body = new byte[size];
        new java.util.Random(id.hashCode()).nextBytes(body);
        return body;
    }

    static long sum(byte[] octets) {
        CRC32 sum = new CRC32();
        sum.update(octets);
        return sum.getValue();
    }

    @Override
    public boolean answer(String head, int connection, InputStream in, OutputStream out)
            throws IOException {
        String[] path = head.split(" ")[1].split("/");
        String id = path[1];
        Way way = Way.valueOf(path[2]);
        byte[] body = body(id, Integer.parseInt(path[3]));
        boolean toHead = head.startsWith("HEAD ");
        heads.merge(id, 1, Integer::sum);
        if (way == Way.EARLY) {
            out.write(head(id, "early", "Content-Length: " + body.length));
            out.write(toHead ? new byte[0] : body);
            return false;
        }
        if (way == Way.BREAKS_BEFORE) {
            return false;
        }
        String got = Long.toString(sum(read(head, in)));
        switch (way) {
            case CHUNKS -> {
                out.write(head(id, got, "Transfer-Encoding: chunked"));
                if (!toHead) {
                    for (int at = 0; at < body.length; at += 5_000) {
                        byte[] piece =
                                Arrays.copyOfRange(body, at, Math.min(at + 5_000, body.length));
                        out.write(ascii(Integer.toHexString(piece.length) + "\r\n"));
                        out.write(piece);
                        out.write(ascii("\r\n"));
                    }
                    out.write(ascii("0\r\nX-Last: 1\r\n\r\n"));
                }
            }
            case UNTIL_CLOSE -> {
                out.write(head(id, got, "X-No: length"));
                out.write(toHead ? new byte[0] : body);
                return false;
            }
            case INTERIM -> {
                out.write(
                        ascii(
                                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"));
                whole(out, id, got, body, toHead, "X-A: 1");
            }
            case LATE -> {
                pause();
                whole(out, id, got, body, toHead, "X-A: 1");
            }
            case CLOSES -> {
                whole(out, id, got, body, toHead, "Connection: close");
                return false;
            }
            case BREAKS_INSIDE -> {
                out.write(head(id, got, "Content-Length: " + (body.length + 1)));
                out.write(toHead ? new byte[0] : body);
                return toHead;
            }
            case NOT_HTTP -> out.write(ascii("220 mail.example.com ESMTP\r\n"));
            default -> whole(out, id, got, body, toHead, "X-A: 1");
        }
        return true;
    }

    private static void whole(
            OutputStream out, String id, String got, byte[] body, boolean toHead, String field)
            throws IOException {
        out.write(head(id, got, "Content-Length: " + body.length + "\r\n" + field));
        out.write(toHead ? new byte[0] : body);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static byte[] head(String id, String got, String fields) {
        return ascii(
                "HTTP/1.1 200 OK\r\nX-Id: "
                        + id
                        + "\r\nX-Got: "
                        + got
                        + "\r\n"
                        + fields
                        + "\r\n\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The request's body. */
    private static byte[] read(String head, InputStream in) throws IOException {
        String lower = head.toLowerCase(java.util.Locale.ROOT);
        if (lower.contains("transfer-encoding: chunked")) {
            java.io.ByteArrayOutputStream body = new java.io.ByteArrayOutputStream();
            for (int size = chunk(in); size > 0; size = chunk(in)) {
                body.write(in.readNBytes(size));
                in.readNBytes(2);
            }
            in.readNBytes(2);
            return body.toByteArray();
        }
        int at = lower.indexOf("content-length: ");
        if (at < 0) {
            return new byte[0];
        }
        int length = Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at)));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new IOException("broken off");
        }
        return body;
    }

    private static int chunk(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new IOException("broken off");
            }
            line.append((char) octet);
        }
        return Integer.parseInt(line.toString().strip(), 16);
    }
}
