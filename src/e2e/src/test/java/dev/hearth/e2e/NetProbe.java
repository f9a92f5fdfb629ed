package dev.hearth.e2e;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A program of its own, for what tests do inside network namespaces that no thread can enter. */
final class NetProbe {
    private NetProbe() {}

    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "serve-names" -> serveNames(args[1]);
            case "receive" -> receive(Integer.parseInt(args[1]));
            case "send" -> send(args[1], Integer.parseInt(args[2]), args[3]);
            case "ask" -> ask(args[1], args[2], args[3]);
            case "flood" -> flood(args[1], Integer.parseInt(args[2]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /** DNS (RFC 1035): prints every name asked for, and says that it is 1.2.3.4. */
    private static void serveNames(String address) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 53))) {
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            while (true) {
                packet.setLength(512);
                socket.receive(packet);
                ByteBuffer question = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
                System.out.println(nameIn(question));
                System.out.flush();
                byte[] answer = answerTo(question);
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        }
    }

    /** Leaves the buffer after the question. */
    private static String nameIn(ByteBuffer question) {
        question.position(12);
        StringBuilder name = new StringBuilder();
        for (int length = question.get(); length > 0; length = question.get()) {
            byte[] label = new byte[length];
            question.get(label);
            name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
        }
        question.position(question.position() + 4);
        return name.toString();
    }

    private static byte[] answerTo(ByteBuffer question) {
        boolean isForAddress = question.getShort(question.position() - 4) == 1;
        int end = question.position() + (isForAddress ? 16 : 0);
        ByteBuffer answer = ByteBuffer.wrap(Arrays.copyOf(question.array(), end));
        answer.putShort(2, (short) 0x8180).putShort(6, (short) (isForAddress ? 1 : 0));
        answer.putShort(10, (short) 0).position(question.position());
        if (isForAddress) {
            answer.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1).putInt(60);
            answer.putShort((short) 4).put(new byte[] {1, 2, 3, 4});
        }
        return answer.array();
    }

    /** Prints the first datagram that comes to a port, whatever address it was sent to. */
    private static void receive(int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(port)) {
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            System.out.println("listening");
            System.out.flush();
            socket.receive(packet);
            System.out.println(
                    new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII));
        }
    }

    /** Sends a datagram, to a broadcast or multicast address too. */
    private static void send(String to, int port, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(to, port)));
        }
    }

    /** Asks a name server for a name, from an address, without waiting for the answer. */
    private static void ask(String from, String server, String name) throws IOException {
        ByteBuffer question = ByteBuffer.allocate(512);
        question.putShort((short) 7).putShort((short) 0x100).putShort((short) 1).position(12);
        for (String label : name.split("\\.")) {
            question.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        question.put((byte) 0).putShort((short) 1).putShort((short) 1);
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(from, 0))) {
            socket.send(
                    new DatagramPacket(
                            question.array(),
                            question.position(),
                            new InetSocketAddress(server, 53)));
        }
    }

    /** Begins that many flows to an address: a hundred sockets, as many ports as it takes. */
    private static void flood(String to, int flows) throws IOException {
        int sockets = 100;
        InetAddress address = InetAddress.getByName(to);
        for (int i = 0; i < sockets; i++) {
            try (DatagramSocket socket = new DatagramSocket()) {
                for (int port = 0; port < flows / sockets; port++) {
                    try {
                        socket.send(new DatagramPacket(new byte[1], 1, address, 10_000 + port));
                    } catch (IOException refused) {
                        // the point is to go on
                    }
                }
            }
        }
        System.out.println("sent");
    }
}
