package dev.hearth.gateway.forward;

import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/** Whether a request has a body, known from its head. */
final class RequestBody {
    private RequestBody() {}

    /** On the request's event loop, before its body is read. */
    static boolean isIn(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return !hasEnded(request);
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return (length != null && !length.equals("0"))
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /**
     * Whether the stream's HEADERS frame had END_STREAM. Vert.x 4 tells the end only after the
     * request's handler has returned, but Netty's stream, which it hides, knows.
     */
    private static boolean hasEnded(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase connection
                && connection.channelHandlerContext().handler()
                        instanceof Http2ConnectionHandler handler) {
            Http2Stream stream = handler.connection().stream(request.streamId());
            return stream == null || !stream.state().remoteSideOpen();
        }
        return request.isEnded();
    }
}
