package dev.hearth.runtime.net;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Egress;
import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.posix.NetlinkSocket;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The network of this node's instances: one veth pair each, routed, never bridged, so that two
 * instances share no link. The gateway reaches an instance by the host's end of its own pair.
 */
public final class InstanceNetwork implements AutoCloseable {
    private static final int INSTANCE_INDEX = 2; // lo is 1 in every new namespace

    /** Of links that wait for an instance: what most get, so that most starts change nothing. */
    private static final int SLOT_GROUP = Groups.INTERNET;

    private final Subnet subnet;
    private final AddressPool addresses;
    private final Firewall firewall;
    private final WayOut wayOut;
    private final Policies policies;
    private final ConcurrentHashMap<String, Egress> allowed = new ConcurrentHashMap<>();
    private final NetlinkSocket host;
    private final NetlinkSocket groupChanges;

    /** Of links whose group is not the one they were made with. */
    private final ConcurrentHashMap<String, Integer> groups = new ConcurrentHashMap<>();

    private final Fd hostNamespace;
    private final String prefix;
    private final AtomicLong lastLink = new AtomicLong();
    private final LeavingLinks leaving;

    private InstanceNetwork(Subnet subnet, Firewall firewall, WayOut wayOut, Clock clock)
            throws IOException {
        this.leaving = new LeavingLinks(new Removal(), clock);
        this.subnet = subnet;
        this.addresses = new AddressPool(subnet.base(), Subnet.PREFIX);
        this.firewall = firewall;
        this.wayOut = wayOut;
        this.policies = new Policies(firewall);
        this.prefix = firewall.prefix();
        this.host = NetlinkSocket.route();
        this.groupChanges = NetlinkSocket.route();
        this.hostNamespace = Fd.openForReading(Path.of("/proc/self/ns/net"));
    }

    /**
     * Claims a subnet that no other Hearth on this machine has, and puts up the rules. An earlier
     * run's rules are replaced in one transaction, so that no packet of a running instance meets
     * neither.
     *
     * @param platform six characters that tell this platform's links and rules from another's
     * @param resolvers that instances may ask
     * @param running links of an earlier run that are to stay; {@link #has} tells which did, and
     *     they reach nothing until {@link #allow} is called for them
     */
    public static InstanceNetwork open(
            String platform, Resolvers resolvers, List<Link> running, Clock clock)
            throws IOException {
        String prefix = "h" + platform + "-";
        String table = "hearth_" + platform;
        Subnet subnet =
                Subnet.claim(
                        prefix,
                        running.stream().mapToInt(Link::hostAddress).findFirst(),
                        Nft.subnetsOfOthers(table));
        Firewall firewall = new Firewall(table, prefix, subnet.text(), resolvers.servers());
        WayOut wayOut = new WayOut(firewall, Forwarding.ofThisNamespace(platform));
        InstanceNetwork network = new InstanceNetwork(subnet, firewall, wayOut, clock);
        List<Link> staying =
                running.stream().filter(network::takeAgain).filter(network::has).toList();
        network.removeLinksBut(staying);
        for (Link link : staying) { // the groups of allow-lists are numbered anew
            network.tryGroup(link, Groups.NONE); // one that goes at this moment is not missed
        }
        wayOut.prepare();
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

    /**
     * Connects a new network namespace, through a socket that acts inside it. Waits while very many
     * old ones are still being taken apart.
     */
    public Link connect(NetlinkSocket inside) throws IOException {
        leaving.awaitRoom();
        int hostAddress = addresses.take();
        String name = prefix + Long.toString(lastLink.incrementAndGet(), 36);
        Link link = new Link(name, hostAddress);
        try {
            require("making the link " + name, inside, pair(name, hostAddress));
            synchronized (host) {
                int index = Host.interfaceIndex(name);
                withoutIpv6("the link " + name, host, index);
                NetlinkMessages up =
                        new NetlinkMessages()
                                .address(index, 31, hostAddress)
                                .link(NetlinkMessages.RTM_NEWLINK, 0, index, NetlinkMessages.IFF_UP)
                                .neighbour(index, hostAddress + 1, hardware(hostAddress + 1));
                require("addressing the link " + name, host, up);
            }
            withoutIpv6("the instance's end of " + name, inside, INSTANCE_INDEX);
            NetlinkMessages within =
                    new NetlinkMessages()
                            .link(NetlinkMessages.RTM_NEWLINK, 0, 1, NetlinkMessages.IFF_UP)
                            .address(INSTANCE_INDEX, 31, hostAddress + 1)
                            .link(
                                    NetlinkMessages.RTM_NEWLINK,
                                    0,
                                    INSTANCE_INDEX,
                                    NetlinkMessages.IFF_UP)
                            .neighbour(INSTANCE_INDEX, hostAddress, hardware(hostAddress))
                            .defaultRoute(INSTANCE_INDEX, hostAddress);
            require("addressing the instance's end of " + name, inside, within);
            return link;
        } catch (IOException e) {
            disconnect(link);
            throw e;
        }
    }

    /**
     * Lets the instance behind a link reach what its policy says, and nothing else; before the
     * instance runs. Costs nothing for the policy that new links have, one netlink message for
     * another, and a run of {@code nft} for the first instance of all that may connect to anything
     * and for the first one with an allow-list that was not seen lately.
     */
    public void allow(Link link, Egress egress) throws IOException {
        if (!(egress instanceof Egress.None)) {
            wayOut.open();
        }
        int group = policies.use(egress);
        allowed.put(link.name(), egress);
        if (groups.getOrDefault(link.name(), SLOT_GROUP) != group) {
            changeGroup(link, group);
        }
    }

    private void changeGroup(Link link, int group) throws IOException {
        int errno = tryGroup(link, group);
        if (errno != 0) {
            throw new IOException(
                    "setting the egress of " + link.name() + " failed: " + Errno.name(errno));
        }
    }

    /** 0, or ENODEV when the link is gone. */
    private int tryGroup(Link link, int group) throws IOException {
        NetlinkMessages change =
                new NetlinkMessages()
                        .link(NetlinkMessages.RTM_NEWLINK, 0, 0, 0)
                        .text(NetlinkMessages.IFLA_IFNAME, link.name())
                        .number(NetlinkMessages.IFLA_GROUP, group);
        String what = "setting the egress of " + link.name();
        int errno;
        synchronized (groupChanges) {
            errno = groupChanges.request(what, change.toBytes(), change.count());
        }
        if (errno != 0 && errno != Errno.ENODEV) {
            throw new IOException(what + " failed: " + Errno.name(errno));
        }
        groups.put(link.name(), group);
        return errno;
    }

    /**
     * Forgets a link whose instance ended: it goes with its namespace, a little later, and its
     * address is used again after that.
     */
    public void disconnect(Link link) throws IOException {
        leaving.add(link);
        groups.remove(link.name());
        Egress egress = allowed.remove(link.name());
        if (egress != null) {
            policies.release(egress);
            wayOut.forget(link.hostAddress() + 1);
        }
    }

    private final class Removal implements LeavingLinks.Removal {
        @Override
        public void delete(Link link) throws IOException {
            InstanceNetwork.this.delete(link.name());
        }

        @Override
        public void gone(Link link) {
            addresses.release(link.hostAddress());
        }
    }

    /** No address in the other family, not even a link-local one; a host without it is fine too. */
    private static void withoutIpv6(String what, NetlinkSocket socket, int index)
            throws IOException {
        byte none = 1; // IN6_ADDR_GEN_MODE_NONE
        NetlinkMessages m = new NetlinkMessages().link(NetlinkMessages.RTM_NEWLINK, 0, index, 0);
        int families = m.nest(NetlinkMessages.IFLA_AF_SPEC);
        int ipv6 = m.nest(NetlinkMessages.AF_INET6);
        m.bytes(NetlinkMessages.IFLA_INET6_ADDR_GEN_MODE, none).end(ipv6).end(families);
        int errno = socket.request(what, m.toBytes(), m.count());
        if (errno != 0 && errno != Errno.EAFNOSUPPORT) {
            throw new IOException("keeping IPv6 off " + what + " failed: " + Errno.name(errno));
        }
    }

    /** The hardware address of an end, locally administered (IEEE 802), from its IPv4 address. */
    private static byte[] hardware(int address) {
        return ByteBuffer.allocate(6).put((byte) 0x02).put((byte) 0x48).putInt(address).array();
    }

    /**
     * eth0 in the socket's namespace, its peer made directly in the host's: moving it later is
     * slow.
     */
    private NetlinkMessages pair(String name, int hostAddress) {
        NetlinkMessages m =
                new NetlinkMessages()
                        .link(
                                NetlinkMessages.RTM_NEWLINK,
                                NetlinkMessages.NLM_F_CREATE | NetlinkMessages.NLM_F_EXCL,
                                INSTANCE_INDEX,
                                0)
                        .text(NetlinkMessages.IFLA_IFNAME, "eth0")
                        .bytes(NetlinkMessages.IFLA_ADDRESS, hardware(hostAddress + 1));
        int info = m.nest(NetlinkMessages.IFLA_LINKINFO);
        m.text(NetlinkMessages.IFLA_INFO_KIND, "veth");
        int data = m.nest(NetlinkMessages.IFLA_INFO_DATA);
        int peer = m.nest(NetlinkMessages.VETH_INFO_PEER);
        m.linkHeader(0, 0)
                .text(NetlinkMessages.IFLA_IFNAME, name)
                .bytes(NetlinkMessages.IFLA_ADDRESS, hardware(hostAddress))
                .number(NetlinkMessages.IFLA_GROUP, SLOT_GROUP)
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
        int errno;
        synchronized (host) {
            errno = host.request("deleting the link " + name, gone.toBytes(), gone.count());
        }
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
                groupChanges;
                hostNamespace) {
            leaving.close();
            removeLinksBut(List.of());
            wayOut.close();
            firewall.remove();
        }
    }
}
