package dev.hearth.imagecache.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The system's library inflates what zlib inflates, and refuses what zlib refuses. */
class IsaLTest {
    private final Random random = new Random(1);
    private IsaL library;

    /** {@code hearth} installs it where it can. */
    @BeforeEach
    void find() {
        boolean there = IsaL.found().isPresent();
        assertThat(there || !"true".equals(System.getenv("CI"))).as("libisal2").isTrue();
        assumeThat(there).as("libisal2 is missing: apt-get install libisal2").isTrue();
        library = IsaL.found().orElseThrow();
    }

    private byte[] gunzip(byte[] gzip) throws IOException {
        try (InputStream plain = library.gunzip(new ByteArrayInputStream(gzip))) {
            return plain.readAllBytes();
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    /** Text that packs, beside bytes that do not. */
    private byte[] content(int length) {
        byte[] content = new byte[length];
        for (int at = 0; at < length; at += 1000) {
            int end = Math.min(length, at + 1000);
            if (random.nextBoolean()) {
                Arrays.fill(content, at, end, (byte) random.nextInt());
            } else {
                byte[] noise = new byte[end - at];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, content, at, noise.length);
            }
        }
        return content;
    }

    private static byte[] both(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void gunzip_anyLength_isTheContent() throws IOException {
        for (int length : new int[] {0, 1, 65_535, 131_072, 131_073, 3_000_001}) {
            byte[] content = content(length);
            assertThat(gunzip(gzip(content))).isEqualTo(content);
        }
    }

    @Test
    void gunzip_severalMembers_isAllTheirContent() throws IOException {
        byte[] first = content(200_000);
        byte[] second = content(70_000);
        byte[] gzip = both(both(gzip(first), gzip(new byte[0])), gzip(second));
        assertThat(gunzip(gzip)).isEqualTo(both(first, second));
    }

    @Test
    void gunzip_headerWithEveryField_isTheContent() throws IOException {
        GzipParameters fields = new GzipParameters();
        fields.setFileName("layer.tar");
        fields.setComment("as pigz -c writes it");
        fields.setHeaderCRC(true);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] content = content(100_000);
        try (GzipCompressorOutputStream out = new GzipCompressorOutputStream(packed, fields)) {
            out.write(content);
        }
        assertThat(gunzip(packed.toByteArray())).isEqualTo(content);
    }

    @Test
    void gunzip_aByteAtATime_isTheContent() throws IOException {
        byte[] content = content(20_000);
        byte[] gzip = both(gzip(content), gzip(content));
        InputStream slow =
                new ByteArrayInputStream(gzip) {
                    @Override
                    public synchronized int read(byte[] buffer, int offset, int length) {
                        return super.read(buffer, offset, Math.min(1, length));
                    }
                };
        try (InputStream plain = library.gunzip(slow)) {
            assertThat(plain.readAllBytes()).isEqualTo(both(content, content));
        }
    }

    @Test
    void gunzip_cutOffAnywhere_saysSo() throws IOException {
        byte[] gzip = gzip(content(5_000));
        for (int length = 0; length < gzip.length; length++) {
            byte[] cut = Arrays.copyOf(gzip, length);
            assertThatThrownBy(() -> gunzip(cut)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void gunzip_somethingAfterTheLastMember_refused() throws IOException {
        byte[] gzip = gzip(content(5_000));
        for (byte[] rest : new byte[][] {{0}, {0, 0, 0, 0}, {0x1f, 0x1f, 8, 0}}) {
            assertThatThrownBy(() -> gunzip(both(gzip, rest))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void gunzip_sourceFails_itsFailure() throws IOException {
        IOException failure = new IOException("broken off");
        byte[] half = Arrays.copyOf(gzip(content(300_000)), 100_000);
        InputStream source =
                new SequenceInputStream(
                        new ByteArrayInputStream(half),
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw failure;
                            }
                        });
        try (InputStream plain = library.gunzip(source)) {
            assertThatThrownBy(plain::readAllBytes).isSameAs(failure);
        }
    }

    @Test
    void gunzip_damagedAtRandom_refusedOrTheContent() throws IOException {
        byte[] content = content(3_000);
        byte[] gzip = both(gzip(content), gzip(content));
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = gzip.clone();
            for (int bits = 1 + random.nextInt(3); bits > 0; bits--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Optional<byte[]> ours = content(library.gunzip(new ByteArrayInputStream(damaged)));
            if (ours.isPresent()) { // the damage was to a header
                assertThat(ours.get()).as("damage %d", i).isEqualTo(both(content, content));
            } else {
                assertThat(byZlib(damaged)).as("damage %d", i).isEmpty();
            }
        }
    }

    private static Optional<byte[]> byZlib(byte[] gzip) {
        try {
            return content(Compression.gunzip(new ByteArrayInputStream(gzip)));
        } catch (IOException badHeader) {
            return Optional.empty();
        }
    }

    /** Empty when it is refused. */
    private static Optional<byte[]> content(InputStream plain) {
        try (plain) {
            return Optional.of(plain.readAllBytes());
        } catch (IOException refused) {
            return Optional.empty();
        }
    }
}
