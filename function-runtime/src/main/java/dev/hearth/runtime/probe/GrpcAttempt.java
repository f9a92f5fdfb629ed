package dev.hearth.runtime.probe;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC health checking protocol's {@code Check}, answered by SERVING
 * (github.com/grpc/grpc/blob/master/doc/health-checking.md). Its two messages have a field each, so
 * that they are written and read here.
 */
final class GrpcAttempt implements Attempt {
    private static final int SERVICE = 1;
    private static final int STATUS = 1;
    private static final int SERVING = 1;
    private static final int MOST_ANSWER = 4096;

    private static final MethodDescriptor<byte[], byte[]> CHECK =
            MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("grpc.health.v1.Health/Check")
                    .setRequestMarshaller(new Octets())
                    .setResponseMarshaller(new Octets())
                    .build();

    private final InetSocketAddress address;
    private final byte[] request;
    private final Duration timeout;

    /** Messages as they are. */
    private static final class Octets implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readNBytes(MOST_ANSWER);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    GrpcAttempt(InetSocketAddress address, String service, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
        this.request = request(service);
    }

    private static byte[] request(String service) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(message);
        try {
            if (!service.isEmpty()) {
                out.writeString(SERVICE, service);
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return message.toByteArray();
    }

    @Override
    public boolean succeeds() {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(address)
                        .usePlaintext()
                        .maxInboundMessageSize(MOST_ANSWER)
                        .build();
        try {
            CallOptions within =
                    CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return isServing(ClientCalls.blockingUnaryCall(channel, CHECK, within, request));
        } catch (StatusRuntimeException | IOException notWell) {
            return false; // unreachable, no such service, too late, no answer of its kind
        } finally {
            channel.shutdownNow();
        }
    }

    private static boolean isServing(byte[] answer) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(answer);
        int status = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == STATUS
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
                status = in.readEnum();
            } else {
                in.skipField(tag);
            }
        }
        return status == SERVING;
    }
}
