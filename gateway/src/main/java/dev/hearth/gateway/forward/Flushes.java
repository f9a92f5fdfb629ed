package dev.hearth.gateway.forward;

import io.netty.channel.ChannelOutboundInvoker;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;

/**
 * What an event loop has written and will send once it has read what there was to read. Whoever
 * gets several messages at once is woken once for them, and has the loop woken once for its
 * answers.
 */
final class Flushes {
    private final ArrayDeque<ChannelOutboundInvoker> written = new ArrayDeque<>();

    /** Has a channel flushed on its loop, after everything that is being read now. */
    void add(EventLoop loop, ChannelOutboundInvoker channel) {
        if (written.isEmpty()) {
            loop.execute(this::flush);
        }
        written.add(channel);
    }

    private void flush() {
        int count = written.size();
        for (int i = 0; i < count; i++) {
            written.remove().flush();
        }
        if (!written.isEmpty()) {
            flush(); // a flush may make a channel writable, and its reader go on
        }
    }
}
