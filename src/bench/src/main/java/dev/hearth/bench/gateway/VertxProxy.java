package dev.hearth.bench.gateway;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.httpproxy.HttpProxy;

/**
 * A program of its own: vertx-http-proxy as it comes, on two event loops. Only its pool is larger
 * than the five connections of the default, which 64 requests at once would wait for.
 */
final class VertxProxy extends AbstractVerticle {
    private static final int EVENT_LOOPS = 2;
    private static final int POOL = 128;

    private final int port;
    private final String host;
    private final int backend;

    private VertxProxy(int port, String host, int backend) {
        this.port = port;
        this.host = host;
        this.backend = backend;
    }

    /**
     * @param args the port to listen on, the backend's address, its port
     */
    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        int backend = Integer.parseInt(args[2]);
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS))
                .deployVerticle(
                        () -> new VertxProxy(port, args[1], backend),
                        new DeploymentOptions().setInstances(EVENT_LOOPS))
                .onFailure(
                        e -> {
                            System.err.println("vertx-http-proxy does not start: " + e);
                            System.exit(1);
                        });
    }

    @Override
    public void start(Promise<Void> started) {
        HttpProxy proxy =
                HttpProxy.reverseProxy(
                        vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(POOL)));
        proxy.origin(backend, host);
        vertx.createHttpServer()
                .requestHandler(proxy)
                .listen(port, "127.0.0.1")
                .<Void>mapEmpty()
                .onComplete(started);
    }
}
