package dev.hearth.imagecache.registry;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A blob's stream that is taken up again where it broke off or stalled: by a range where the server
 * gives one, else from the start, the known bytes skipped; from the same server while it makes
 * progress, else from the next place. Each time the address is asked for anew, because the signed
 * ones that registries redirect to expire. What comes is not verified: the digest decides in the
 * end. For one thread.
 */
final class ResumingBlob extends InputStream {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-.*");

    /** A strong validator (RFC 9110, section 8.8.3) of characters that a header may have. */
    private static final Pattern STRONG_ETAG = Pattern.compile("\"[\\x21\\x23-\\x7e]{1,256}\"");

    private final Places places;
    private final Digest digest;
    private final long size;
    private final Consumer<RegistryCalls> served;
    private RegistryCalls place;
    private Attempts attempts;
    private boolean ranges = true;
    private Optional<String> validator = Optional.empty();
    private HttpResponse<InputStream> response;
    private long position;

    /**
     * Asks for the blob.
     *
     * @param served hears of each place before its bytes come
     */
    ResumingBlob(Places places, Descriptor descriptor, Consumer<RegistryCalls> served) {
        this.places = places;
        this.digest = descriptor.digest();
        this.size = descriptor.size();
        this.served = served;
        this.place = places.current();
        this.attempts = place.blobAttempts();
        this.response = open();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (true) {
            IOException why;
            try {
                int n = response.body().read(buffer, offset, length);
                if (n >= 0) {
                    position += n;
                    attempts.progressed(n);
                    return n;
                }
                if (position >= size || endIsSure()) {
                    return -1;
                }
                why = new IOException("it ended after " + position + " of " + size + " bytes");
            } catch (IOException e) {
                why = e;
            }
            if (position >= size && !(why instanceof InterruptedIOException)) {
                return -1; // everything is here; the digest says whether it is right
            }
            response.body().close();
            response = resume(why);
        }
    }

    /** Whether the server said where the body ends; else it ends where the connection does. */
    private boolean endIsSure() {
        return response.headers().firstValue("Content-Length").isPresent()
                || response.headers().firstValue("Transfer-Encoding").isPresent();
    }

    private HttpResponse<InputStream> resume(IOException why) {
        try {
            attempts.failed(why);
        } catch (HearthException e) {
            next(e);
        }
        return open();
    }

    private HttpResponse<InputStream> open() {
        while (true) {
            try {
                return openHere();
            } catch (HearthException e) {
                next(e);
            }
        }
    }

    private void next(HearthException why) {
        places.passOver(place, why);
        place = places.current();
        attempts = place.blobAttempts();
        ranges = true;
        validator = Optional.empty();
    }

    /** The body from {@link #position} on, from the present place. */
    private HttpResponse<InputStream> openHere() {
        served.accept(place);
        while (true) {
            HttpResponse<InputStream> opened = ask();
            try {
                if (opened.statusCode() == 200) {
                    validator =
                            opened.headers()
                                    .firstValue("ETag")
                                    .filter(etag -> STRONG_ETAG.matcher(etag).matches());
                    skipKnown(opened.body());
                    return opened;
                }
                if (opened.statusCode() == 206 && startsHere(opened)) {
                    return opened;
                }
                ranges = false;
                throw new IOException("it sends another part than the one asked for");
            } catch (IOException e) {
                close(opened);
                attempts.failed(e);
            }
        }
    }

    private HttpResponse<InputStream> ask() {
        if (position == 0 || !ranges) {
            return place.blob(digest.value(), attempts);
        }
        return validator.isPresent()
                ? place.blobFrom(digest.value(), position, attempts, "If-Range", validator.get())
                : place.blobFrom(digest.value(), position, attempts);
    }

    private boolean startsHere(HttpResponse<InputStream> opened) {
        Matcher range =
                CONTENT_RANGE.matcher(opened.headers().firstValue("Content-Range").orElse(""));
        return range.matches() && Long.parseLong(range.group(1)) == position;
    }

    private void skipKnown(InputStream body) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (long left = position; left > 0; ) {
            place.checkDeadline();
            int n = body.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw new IOException("it ended before where it broke off the last time");
            }
            left -= n;
        }
    }

    private static void close(HttpResponse<InputStream> opened) {
        try {
            opened.body().close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("a body's close only cancels", e);
        }
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
