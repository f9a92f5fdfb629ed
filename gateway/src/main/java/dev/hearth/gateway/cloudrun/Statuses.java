package dev.hearth.gateway.cloudrun;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.Set;

/** Failures as Google's APIs word them: google.rpc.Status. */
final class Statuses {
    /** The reason of a failure for want of such a call, which gRPC has a code of its own for. */
    static final String NO_SUCH_CALL = "no-such-call";

    private static final String DOMAIN = "hearth.dev";
    private static final Set<String> EXISTS =
            Set.of("service-exists", "revision-exists", "job-exists");

    private Statuses() {}

    static Status of(HearthException e) {
        return plain(e).toBuilder()
                .addDetails(
                        Any.pack(
                                ErrorInfo.newBuilder()
                                        .setReason(e.reason())
                                        .setDomain(DOMAIN)
                                        .build()))
                .build();
    }

    /**
     * The same without details, for operations: Google's client for Java, over HTTP, cannot read an
     * operation whose error has a type in it that is not the API's own.
     */
    static Status plain(HearthException e) {
        return Status.newBuilder().setCode(code(e).getNumber()).setMessage(message(e)).build();
    }

    private static String message(HearthException e) {
        return e.details().isEmpty()
                ? e.sentence()
                : e.sentence() + "\n" + String.join("\n", e.details());
    }

    static Code code(HearthException e) {
        return switch (e.kind()) {
            case INVALID -> Code.INVALID_ARGUMENT;
            case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
            case FORBIDDEN -> Code.PERMISSION_DENIED;
            case NOT_FOUND -> Code.NOT_FOUND;
            case CONFLICT -> EXISTS.contains(e.reason()) ? Code.ALREADY_EXISTS : Code.ABORTED;
            case FAILED_PRECONDITION -> Code.FAILED_PRECONDITION;
            case EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
            case INTERNAL -> Code.INTERNAL;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case DEADLINE -> Code.DEADLINE_EXCEEDED;
        };
    }

    /** Of an HTTP answer, as google/rpc/code.proto maps it. */
    static int httpStatus(HearthException e) {
        // the only one that is another one there
        return e.kind() == ErrorKind.FAILED_PRECONDITION ? 400 : e.kind().httpStatus();
    }

    /**
     * Whether it says that a call cannot be, rather than that what was begun with it failed: what
     * does not start is an operation that failed.
     */
    static boolean refusesTheCall(HearthException e) {
        return switch (e.kind()) {
            case INVALID, UNAUTHENTICATED, FORBIDDEN, CONFLICT, EXHAUSTED, UNAVAILABLE -> true;
            case NOT_FOUND -> !e.reason().startsWith("image");
            case FAILED_PRECONDITION, INTERNAL, DEADLINE -> false;
        };
    }
}
