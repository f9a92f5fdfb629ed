package dev.hearth.nodeapi;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.nodeapi.v1.Failure;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** How a failure travels: a status that any gRPC client understands, and all of it in a trailer. */
public final class Failures {
    private static final Metadata.Key<byte[]> FAILURE =
            Metadata.Key.of("hearth-failure-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private Failures() {}

    /** What a node answers with. */
    public static StatusRuntimeException of(Throwable cause) {
        HearthException known = HearthException.from(cause);
        Metadata trailers = new Metadata();
        trailers.put(
                FAILURE,
                Failure.newBuilder()
                        .setKind(known.kind().name())
                        .setReason(known.reason())
                        .setSentence(known.sentence())
                        .addAllDetails(known.details())
                        .build()
                        .toByteArray());
        return status(known.kind()).withDescription(known.sentence()).asRuntimeException(trailers);
    }

    private static Status status(ErrorKind kind) {
        return switch (kind) {
            case INVALID -> Status.INVALID_ARGUMENT;
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case NOT_FOUND -> Status.NOT_FOUND;
            case CONFLICT -> Status.ABORTED;
            case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
            case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case INTERNAL -> Status.INTERNAL;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case DEADLINE -> Status.DEADLINE_EXCEEDED;
        };
    }

    /**
     * What a call failed with: the node's own failure, or that the node cannot be reached.
     *
     * @param node its name, for the sentence
     */
    public static HearthException from(Throwable cause, String node) {
        Metadata trailers = trailers(cause);
        byte[] told = trailers == null ? null : trailers.get(FAILURE);
        if (told != null) {
            try {
                Failure m = Failure.parseFrom(told);
                return new HearthException(
                        kind(m.getKind()), m.getReason(), m.getSentence(), m.getDetailsList());
            } catch (InvalidProtocolBufferException garbled) {
                // then it is told as what it looks like from here
            }
        }
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "node-unreachable",
                "node "
                        + node
                        + " did not answer ("
                        + Status.fromThrowable(cause)
                        + "); it is left out until it does; try again",
                cause);
    }

    /** Whether a call has failed on the way, so that nobody knows whether it was carried out. */
    public static boolean isOfTheWay(Throwable cause) {
        Metadata trailers = trailers(cause);
        return trailers == null || !trailers.containsKey(FAILURE);
    }

    private static @Nullable Metadata trailers(Throwable cause) {
        return switch (cause) {
            case StatusRuntimeException e -> e.getTrailers();
            case StatusException e -> e.getTrailers();
            default -> null;
        };
    }

    private static ErrorKind kind(String name) {
        for (ErrorKind known : ErrorKind.values()) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        return ErrorKind.INTERNAL;
    }
}
