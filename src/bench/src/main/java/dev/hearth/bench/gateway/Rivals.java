package dev.hearth.bench.gateway;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The other proxies of the backend, each as a careful operator sets it up: connections kept open on
 * both sides for as long as anybody likes, nothing logged, no header added.
 */
final class Rivals implements AutoCloseable {
    private static final String NGINX =
            """
            daemon off;
            user root;
            worker_processes %1$d;
            worker_rlimit_nofile 65536;
            pid %2$s/pid;
            error_log stderr crit;
            events { worker_connections 30000; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              keepalive_timeout 1h;
              client_body_temp_path %2$s/body;
              proxy_temp_path %2$s/proxy;
              fastcgi_temp_path %2$s/fastcgi;
              uwsgi_temp_path %2$s/uwsgi;
              scgi_temp_path %2$s/scgi;
              upstream backend {
                server %3$s;
                keepalive 128;
                keepalive_requests 1000000000;
              }
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              server {
                listen 127.0.0.1:%4$d backlog=4096;
                location / {
                  proxy_pass http://backend;
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_max_temp_file_size 0;
                }
              }
            }
            """;
    private static final String HAPROXY =
            """
            global
              nbthread 2
              maxconn 4096
            defaults
              mode http
              option http-keep-alive
              http-reuse always
              timeout connect 5s
              timeout client 1h
              timeout server 1h
            frontend front
              bind 127.0.0.1:%2$d
              default_backend back
            backend back
              server one %1$s
            """;

    private final InetSocketAddress backend;
    private final Path scratch;
    private final Clock clock;
    private final List<Server> servers = new ArrayList<>();

    Rivals(InetSocketAddress backend, Path scratch, Clock clock) {
        this.backend = backend;
        this.scratch = scratch;
        this.clock = clock;
    }

    Contestant nginx(int workers) throws InterruptedException {
        int port = PrivatePlatform.freePort();
        Path directory = directory("nginx-" + workers);
        Path config =
                write(
                        directory.resolve("nginx.conf"),
                        NGINX.formatted(workers, directory, backendText(), port));
        return contestant(
                Contestant.NGINX + workers + (workers == 1 ? " worker" : " workers"),
                List.of("nginx", "-p", directory.toString(), "-c", config.toString()),
                port,
                1 + workers,
                directory);
    }

    Contestant haproxy() throws InterruptedException {
        int port = PrivatePlatform.freePort();
        Path directory = directory("haproxy");
        Path config =
                write(directory.resolve("haproxy.cfg"), HAPROXY.formatted(backendText(), port));
        return contestant(
                Contestant.HAPROXY,
                List.of("haproxy", "-db", "-q", "-f", config.toString()),
                port,
                1,
                directory);
    }

    /** In a JVM with the collector that Hearth has on few cores. */
    Contestant vertx() throws InterruptedException {
        int port = PrivatePlatform.freePort();
        return contestant(
                Contestant.VERTX,
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        VertxProxy.class.getName(),
                        Integer.toString(port),
                        backend.getAddress().getHostAddress(),
                        Integer.toString(backend.getPort())),
                port,
                1,
                directory("vertx"));
    }

    private Contestant contestant(
            String name, List<String> command, int port, int processes, Path directory)
            throws InterruptedException {
        Server server = new Server(command, port, processes, directory.resolve("log"), clock);
        servers.add(server);
        return new Contestant(
                name, new InetSocketAddress("127.0.0.1", port), "localhost", server.processes());
    }

    private String backendText() {
        return backend.getAddress().getHostAddress() + ":" + backend.getPort();
    }

    private Path directory(String name) {
        try {
            return Files.createDirectory(scratch.resolve(name));
        } catch (IOException e) {
            throw new BenchFailure("a directory for " + name + " cannot be made: " + e, e);
        }
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new BenchFailure(file + " cannot be written: " + e, e);
        }
    }

    @Override
    public void close() {
        servers.forEach(Server::close);
    }
}
