package dev.hearth.runtime.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Builds a batch of netlink messages (rtnetlink(7), and one of nfnetlink), each asking for an
 * acknowledgement. Attributes are aligned to four bytes; nested ones are closed by {@link #end}.
 */
final class NetlinkMessages {
    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_NEWADDR = 20;
    static final int RTM_NEWROUTE = 24;
    static final int RTM_NEWNEIGH = 28;
    static final int NLM_F_REQUEST = 1;
    static final int NLM_F_ACK = 4;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;

    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_AF_SPEC = 26;
    static final int IFLA_GROUP = 27;
    static final int IFLA_NET_NS_FD = 28;
    static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int VETH_INFO_PEER = 1;
    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;
    static final int NDA_DST = 1;
    static final int NDA_LLADDR = 2;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int IFF_UP = 1;

    private final ByteBuffer b = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    private int messageStart = -1;
    private int count;

    /** Begins a message about a link; index 0 leaves the choice to the kernel. */
    NetlinkMessages link(int type, int flags, int index, int linkFlags) {
        begin(type, flags);
        return linkHeader(index, linkFlags);
    }

    /** struct ifinfomsg, also inside VETH_INFO_PEER. */
    NetlinkMessages linkHeader(int index, int linkFlags) {
        b.put((byte) 0).put((byte) 0).putShort((short) 0).putInt(index);
        b.putInt(linkFlags).putInt(linkFlags);
        return this;
    }

    /** A message that gives an interface an IPv4 address: struct ifaddrmsg. */
    NetlinkMessages address(int index, int prefix, int address) {
        begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
        b.put((byte) AF_INET).put((byte) prefix).put((byte) 0).put((byte) 0).putInt(index);
        return ipv4(IFA_LOCAL, address).ipv4(IFA_ADDRESS, address);
    }

    /** A message that sends everything through {@code gateway}: struct rtmsg. */
    NetlinkMessages defaultRoute(int index, int gateway) {
        begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
        int main = 254;
        int bootProtocol = 3;
        int unicast = 1;
        b.put((byte) AF_INET).put((byte) 0).put((byte) 0).put((byte) 0);
        b.put((byte) main).put((byte) bootProtocol).put((byte) 0).put((byte) unicast).putInt(0);
        return ipv4(RTA_GATEWAY, gateway).number(RTA_OIF, index);
    }

    /** A message that fixes the hardware address behind an IPv4 address: struct ndmsg. */
    NetlinkMessages neighbour(int index, int address, byte[] hardwareAddress) {
        begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
        int permanent = 0x80;
        b.put((byte) AF_INET).put((byte) 0).putShort((short) 0).putInt(index);
        b.putShort((short) permanent).put((byte) 0).put((byte) 0);
        return ipv4(NDA_DST, address).bytes(NDA_LLADDR, hardwareAddress);
    }

    /** A message to a part of netfilter: struct nfgenmsg, for IPv4. */
    NetlinkMessages netfilter(int subsystem, int type) {
        begin(subsystem << 8 | type, 0);
        b.put((byte) AF_INET).put((byte) 0).putShort((short) 0);
        return this;
    }

    NetlinkMessages text(int type, String value) {
        byte[] bytes = (value + "\0").getBytes(StandardCharsets.US_ASCII);
        return bytes(type, bytes);
    }

    NetlinkMessages number(int type, int value) {
        b.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    NetlinkMessages bytes(int type, byte... value) {
        b.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        return pad();
    }

    NetlinkMessages ipv4(int type, int address) {
        b.putShort((short) 8).putShort((short) type);
        b.order(ByteOrder.BIG_ENDIAN).putInt(address).order(ByteOrder.nativeOrder());
        return this;
    }

    /** Begins an attribute that holds others; returns where, for {@link #end}. */
    int nest(int type) {
        int at = b.position();
        b.putShort((short) 0).putShort((short) type);
        return at;
    }

    NetlinkMessages end(int nestedAt) {
        b.putShort(nestedAt, (short) (b.position() - nestedAt));
        return this;
    }

    /** How many acknowledgements will come. */
    int count() {
        return count;
    }

    byte[] toBytes() {
        finish();
        byte[] bytes = new byte[b.position()];
        b.get(0, bytes);
        return bytes;
    }

    private void begin(int type, int flags) {
        finish();
        messageStart = b.position();
        count++;
        b.putInt(0).putShort((short) type);
        b.putShort((short) (NLM_F_REQUEST | NLM_F_ACK | flags)).putInt(count).putInt(0);
    }

    private void finish() {
        if (messageStart >= 0) {
            b.putInt(messageStart, b.position() - messageStart);
        }
    }

    private NetlinkMessages pad() {
        while (b.position() % 4 != 0) {
            b.put((byte) 0);
        }
        return this;
    }
}
