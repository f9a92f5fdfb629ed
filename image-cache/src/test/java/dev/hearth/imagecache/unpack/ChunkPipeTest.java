package dev.hearth.imagecache.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream that is read through a pipe is what it was. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChunkPipeTest {
    private final ChunkPipe pipe = new ChunkPipe();

    @Test
    void read_moreThanTheBuffersHold_isWhatWasFilled() throws Exception {
        byte[] content = random(3_000_001);
        Thread filler = fill(new ByteArrayInputStream(content));
        assertThat(pipe.readAllBytes()).isEqualTo(content);
        assertThat(pipe.read()).isEqualTo(-1);
        filler.join();
    }

    @Test
    void read_sourceFails_givesWhatCameBeforeAndThenThatFailure() throws Exception {
        byte[] content = random(200_000);
        IOException failure = new IOException("broken off");
        Thread filler =
                fill(new SequenceInputStream(new ByteArrayInputStream(content), fails(failure)));
        assertThat(pipe.readNBytes(content.length)).isEqualTo(content);
        assertThatThrownBy(pipe::read).isSameAs(failure);
        assertThatThrownBy(pipe::read).isSameAs(failure);
        filler.join();
    }

    @Test
    void close_sourceWithoutEnd_letsTheFillerStop() throws Exception {
        Thread filler = fill(endless());
        assertThat(pipe.read()).isZero();
        pipe.close();
        filler.join();
    }

    @Test
    void fill_interrupted_goesOnAndStaysInterrupted() throws Exception {
        byte[] content = random(3_000_000);
        Thread reader = Thread.currentThread();
        reader.interrupt();
        Thread filler = fill(new ByteArrayInputStream(content));
        filler.interrupt();
        assertThat(pipe.readAllBytes()).isEqualTo(content);
        assertThat(Thread.interrupted()).isTrue();
        filler.join();
    }

    private Thread fill(InputStream from) {
        return Thread.ofPlatform().start(() -> pipe.fill(from));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static InputStream endless() {
        return new InputStream() {
            @Override
            public int read() {
                return 0;
            }
        };
    }

    private static InputStream fails(IOException failure) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw failure;
            }
        };
    }
}
