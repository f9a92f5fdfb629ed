package dev.hearth.runtime.net;

import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.NetlinkSocket;
import java.io.IOException;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/**
 * The kernel's table of tracked connections, which all of the machine shares.
 *
 * <p>An entry stays for up to five days after its instance was killed. Without forgetting them, a
 * service that opens connections and exits would fill the table one instance after the other, under
 * the limit that each of them has.
 */
final class Conntrack implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Conntrack.class);

    /** The most tracked connections of one instance. */
    static final int MOST_FLOWS = 1024;

    /** At this many instances with all theirs, the table is full. */
    private static final int SHARES = 64;

    private static final Path TABLE_SIZE = Path.of("/proc/sys/net/netfilter/nf_conntrack_max");

    // linux/netfilter/nfnetlink_conntrack.h
    private static final int SUBSYSTEM = 1;
    private static final int DELETE = 2;
    private static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_IP = 1;
    private static final int IP_V4_SOURCE = 1;
    private static final int FILTER = 25;
    private static final int FILTER_ORIGINAL = 1;
    private static final int NESTED = 0x8000;
    private static final int BY_SOURCE = 1;

    private final NetlinkSocket socket;
    private boolean toldThatItCannot;

    Conntrack() throws IOException {
        this.socket = NetlinkSocket.netfilter();
    }

    /**
     * How many connections one instance may have, so that one cannot fill the table of any host.
     */
    static int flowsOfAnInstance() {
        try {
            return Math.clamp(Sysctl.read(TABLE_SIZE) / SHARES, 64, MOST_FLOWS);
        } catch (IOException notLoadedYet) {
            return MOST_FLOWS;
        }
    }

    /** Forgets every connection that this address opened. */
    synchronized void forget(int address) throws IOException {
        NetlinkMessages all = new NetlinkMessages().netfilter(SUBSYSTEM, DELETE);
        int tuple = all.nest(TUPLE_ORIGINAL | NESTED);
        int ip = all.nest(TUPLE_IP | NESTED);
        all.ipv4(IP_V4_SOURCE, address).end(ip).end(tuple);
        int filter = all.nest(FILTER | NESTED);
        all.number(FILTER_ORIGINAL, BY_SOURCE).end(filter);
        int errno = socket.request("forgetting connections", all.toBytes(), all.count());
        if (errno == Errno.EINVAL && !toldThatItCannot) {
            toldThatItCannot = true;
            LOG.warn(
                    "this kernel cannot forget the connections of an instance that is gone; they stay"
                            + " in its table until they time out");
        } else if (errno != 0 && errno != Errno.ENOENT && errno != Errno.EINVAL) {
            throw new IOException(
                    "forgetting the connections of "
                            + AddressPool.text(address)
                            + " failed: "
                            + Errno.name(errno));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
