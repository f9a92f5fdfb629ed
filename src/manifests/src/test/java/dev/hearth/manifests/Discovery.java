package dev.hearth.manifests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The part of an API server that {@code kubectl apply --dry-run=client} asks: which kinds there
 * are, in which version, by which name in a path, and whether in a namespace; those of the models.
 * It has no object of any kind, and takes none.
 */
final class Discovery implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> VERBS = List.of("create", "get", "list", "patch", "delete");

    /** Of CloudNativePG, which has no model. */
    private static final String CNPG = "postgresql.cnpg.io/v1";

    private final HttpServer server;
    private final Map<String, List<Map<String, Object>>> kinds = new TreeMap<>();

    /** The requests that were no questions. */
    private final ConcurrentLinkedQueue<String> orders = new ConcurrentLinkedQueue<>();

    Discovery() throws IOException {
        StrictReader.models()
                .forEach(
                        (name, model) ->
                                add(
                                        name.substring(0, name.indexOf(' ')),
                                        HasMetadata.getKind(model),
                                        HasMetadata.getPlural(model),
                                        Namespaced.class.isAssignableFrom(model)));
        add(CNPG, "Cluster", "clusters", true);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<String> orders() {
        return List.copyOf(orders);
    }

    private void add(String version, String kind, String plural, boolean namespaced) {
        kinds.computeIfAbsent(version, v -> new ArrayList<>())
                .add(
                        Map.of(
                                "name", plural,
                                "singularName", "",
                                "namespaced", namespaced,
                                "kind", kind,
                                "verbs", VERBS));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        if (!method.equals("GET")) {
            orders.add(method + " " + path);
        }
        Object answer = method.equals("GET") ? document(path) : null;
        byte[] body = json(answer == null ? Map.of("kind", "Status", "code", 404) : answer);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static byte[] json(Object value) {
        try {
            return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is at a path; null when nothing is. */
    private Object document(String path) {
        if (path.equals("/api")) {
            return Map.of("kind", "APIVersions", "versions", List.of("v1"));
        }
        if (path.equals("/apis")) {
            return Map.of("kind", "APIGroupList", "apiVersion", "v1", "groups", groups());
        }
        String version = path.startsWith("/apis/") ? path.substring(6) : path.substring(1);
        List<Map<String, Object>> resources = kinds.get(version.equals("api/v1") ? "v1" : version);
        return resources == null
                ? null
                : Map.of(
                        "kind",
                        "APIResourceList",
                        "groupVersion",
                        version.equals("api/v1") ? "v1" : version,
                        "resources",
                        resources);
    }

    private List<Map<String, Object>> groups() {
        Map<String, List<Map<String, String>>> byGroup = new TreeMap<>();
        for (String version : kinds.keySet()) {
            int slash = version.indexOf('/');
            if (slash > 0) {
                byGroup.computeIfAbsent(version.substring(0, slash), g -> new ArrayList<>())
                        .add(
                                Map.of(
                                        "groupVersion",
                                        version,
                                        "version",
                                        version.substring(slash + 1)));
            }
        }
        return byGroup.entrySet().stream()
                .map(
                        group ->
                                Map.<String, Object>of(
                                        "name", group.getKey(),
                                        "versions", group.getValue(),
                                        "preferredVersion", group.getValue().getFirst()))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
