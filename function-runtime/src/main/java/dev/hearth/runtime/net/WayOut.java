package dev.hearth.runtime.net;

import java.io.IOException;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * What has to be there before an instance can connect to anything: the host forwards packets, and
 * the rules translate and count them. It is opened when the first instance needs it, since it
 * changes the machine: forwarding is on, and connections are tracked.
 */
final class WayOut implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WayOut.class);

    /** As nft prints it; Docker's for one, which drops what it does not know. */
    private static final Pattern FORWARD_DROP =
            Pattern.compile("hook forward priority [^;]*; policy drop;");

    private final Firewall firewall;
    private final Forwarding forwarding;
    private final Conntrack conntrack;
    private volatile boolean open;

    WayOut(Firewall firewall, Forwarding forwarding) throws IOException {
        this.firewall = firewall;
        this.forwarding = forwarding;
        this.conntrack = new Conntrack();
    }

    /** Puts the rules up, closed; or open, where an earlier run was killed with it open. */
    synchronized void prepare() throws IOException {
        if (forwarding.isNeeded()) {
            firewall.putOpen(rules());
            open = true;
        } else {
            firewall.put();
        }
    }

    /** Opens it unless it is; the rules come first, so that forwarding is never on without them. */
    void open() throws IOException {
        if (!open) {
            openNow();
        }
    }

    private synchronized void openNow() throws IOException {
        if (open) {
            return;
        }
        firewall.open(rules());
        if (turnForwardingOn()) {
            LOG.info(
                    "turned net.ipv4.ip_forward on for the instances' egress, and off again when the"
                            + " platform stops; packets between other interfaces are still not"
                            + " forwarded");
        }
        open = true;
        Thread.ofVirtual().name("other-firewalls").start(this::warnOfOtherFirewalls);
    }

    private Firewall.WayOut rules() throws IOException {
        return new Firewall.WayOut(Conntrack.flowsOfAnInstance(), forwarding.need());
    }

    private boolean turnForwardingOn() throws IOException {
        try {
            return forwarding.turnOn();
        } catch (IOException e) {
            firewall.put();
            forwarding.release();
            throw new IOException(
                    "egress needs forwarding, which could not be turned on ("
                            + e.getMessage()
                            + "); run `sysctl net.ipv4.ip_forward=1`, or deploy with --egress none",
                    e);
        }
    }

    private void warnOfOtherFirewalls() {
        try {
            if (FORWARD_DROP.matcher(Nft.chains()).find()) {
                LOG.warnf(
                        "another firewall on this machine drops forwarded packets by default, the"
                                + " instances' too; let interfaces \"%s*\" through in both"
                                + " directions (with Docker: in its chain DOCKER-USER)",
                        firewall.prefix());
            }
        } catch (IOException e) {
            LOG.warnf("looking for other firewalls failed: %s", e.getMessage());
        }
    }

    /** The instance with this address is gone, and so are its connections. */
    void forget(int address) throws IOException {
        if (open) {
            conntrack.forget(address);
        }
    }

    @Override
    public void close() throws IOException {
        try (conntrack) {
            if (open) {
                forwarding.release();
            }
        }
    }
}
