package dev.hearth.runtime.net;

import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.posix.NetlinkSocket;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The network of this node's instances: one veth pair each, routed, never bridged, so that two
 * instances share no link. The gateway reaches an instance by the host's end of its own pair.
 */
public final class InstanceNetwork implements AutoCloseable {
    private static final int INSTANCE_INDEX = 2; // lo is 1 in every new namespace

    private final Subnet subnet;
    private final AddressPool addresses;
    private final Firewall firewall;
    private final NetlinkSocket host;
    private final Fd hostNamespace;
    private final String prefix;
    private final AtomicLong lastLink = new AtomicLong();

    private InstanceNetwork(Subnet subnet, Firewall firewall, String prefix) throws IOException {
        this.subnet = subnet;
        this.addresses = new AddressPool(subnet.base(), Subnet.PREFIX);
        this.firewall = firewall;
        this.prefix = prefix;
        this.host = NetlinkSocket.open();
        this.hostNamespace = Fd.openForReading(Path.of("/proc/self/ns/net"));
    }

    /**
     * Claims a subnet that no other Hearth on this machine has, and puts up the rules. An earlier
     * run's rules are replaced in one transaction, so that no packet of a running instance meets
     * neither.
     *
     * @param platform six characters that tell this platform's links and rules from another's
     * @param running links of an earlier run that are to stay; {@link #has} tells which did
     */
    public static InstanceNetwork open(String platform, List<Link> running) throws IOException {
        String prefix = "h" + platform + "-";
        Subnet subnet =
                Subnet.claim(prefix, running.stream().mapToInt(Link::hostAddress).findFirst());
        InstanceNetwork network =
                new InstanceNetwork(subnet, new Firewall("hearth_" + platform), prefix);
        network.removeLinksBut(running.stream().filter(network::takeAgain).toList());
        network.firewall.put(prefix, subnet.text());
        return network;
    }

    /**
     * An instance's way to the world.
     *
     * @param name of the host's end
     * @param hostAddress of the host's end, as a number
     */
    public record Link(String name, int hostAddress) {
        /** The instance's own address. */
        public String instanceAddress() {
            return AddressPool.text(hostAddress + 1);
        }
    }

    private boolean takeAgain(Link link) {
        if (!link.name().startsWith(prefix) || !addresses.takeAgain(link.hostAddress())) {
            return false;
        }
        long number = Long.parseLong(link.name().substring(prefix.length()), 36);
        lastLink.accumulateAndGet(number, Math::max);
        return true;
    }

    /** Whether a link is there. */
    public boolean has(Link link) {
        return Host.interfaceIndex(link.name()) != 0;
    }

    /** Connects a new network namespace, through a socket that acts inside it. */
    public Link connect(NetlinkSocket inside) throws IOException {
        int hostAddress = addresses.take();
        String name = prefix + Long.toString(lastLink.incrementAndGet(), 36);
        Link link = new Link(name, hostAddress);
        try {
            require("making the link " + name, inside, pair(name));
            synchronized (host) {
                int index = Host.interfaceIndex(name);
                NetlinkMessages up =
                        new NetlinkMessages()
                                .address(index, 31, hostAddress)
                                .link(
                                        NetlinkMessages.RTM_NEWLINK,
                                        0,
                                        index,
                                        NetlinkMessages.IFF_UP);
                require("addressing the link " + name, host, up);
            }
            NetlinkMessages within =
                    new NetlinkMessages()
                            .link(NetlinkMessages.RTM_NEWLINK, 0, 1, NetlinkMessages.IFF_UP)
                            .address(INSTANCE_INDEX, 31, hostAddress + 1)
                            .link(
                                    NetlinkMessages.RTM_NEWLINK,
                                    0,
                                    INSTANCE_INDEX,
                                    NetlinkMessages.IFF_UP)
                            .defaultRoute(INSTANCE_INDEX, hostAddress);
            require("addressing the instance's end of " + name, inside, within);
            return link;
        } catch (IOException e) {
            disconnect(link);
            throw e;
        }
    }

    /** Takes a link away; it may have gone with its namespace already. */
    public void disconnect(Link link) throws IOException {
        synchronized (host) {
            delete(link.name());
        }
        addresses.release(link.hostAddress());
    }

    /**
     * eth0 in the socket's namespace, its peer made directly in the host's: moving it later is
     * slow.
     */
    private NetlinkMessages pair(String name) {
        NetlinkMessages m =
                new NetlinkMessages()
                        .link(
                                NetlinkMessages.RTM_NEWLINK,
                                NetlinkMessages.NLM_F_CREATE | NetlinkMessages.NLM_F_EXCL,
                                INSTANCE_INDEX,
                                0)
                        .text(NetlinkMessages.IFLA_IFNAME, "eth0");
        int info = m.nest(NetlinkMessages.IFLA_LINKINFO);
        m.text(NetlinkMessages.IFLA_INFO_KIND, "veth");
        int data = m.nest(NetlinkMessages.IFLA_INFO_DATA);
        int peer = m.nest(NetlinkMessages.VETH_INFO_PEER);
        m.linkHeader(0, 0)
                .text(NetlinkMessages.IFLA_IFNAME, name)
                .number(NetlinkMessages.IFLA_NET_NS_FD, hostNamespace.number());
        return m.end(peer).end(data).end(info);
    }

    private static void require(String what, NetlinkSocket socket, NetlinkMessages messages)
            throws IOException {
        int errno = socket.request(what, messages.toBytes(), messages.count());
        if (errno != 0) {
            throw new IOException(what + " failed: " + Errno.name(errno));
        }
    }

    private void delete(String name) throws IOException {
        NetlinkMessages gone =
                new NetlinkMessages()
                        .link(NetlinkMessages.RTM_DELLINK, 0, 0, 0)
                        .text(NetlinkMessages.IFLA_IFNAME, name);
        int errno = host.request("deleting the link " + name, gone.toBytes(), gone.count());
        if (errno != 0 && errno != Errno.ENODEV) {
            throw new IOException("deleting the link " + name + " failed: " + Errno.name(errno));
        }
    }

    private void removeLinksBut(List<Link> staying) throws IOException {
        Set<String> names = staying.stream().map(Link::name).collect(Collectors.toSet());
        for (NetworkInterface link : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (link.getName().startsWith(prefix) && !names.contains(link.getName())) {
                delete(link.getName());
            }
        }
    }

    /** Takes the rules and whatever links are left away, and gives the subnet back. */
    @Override
    public void close() throws IOException {
        try (subnet;
                host;
                hostNamespace) {
            removeLinksBut(List.of());
            firewall.remove();
        }
    }
}
