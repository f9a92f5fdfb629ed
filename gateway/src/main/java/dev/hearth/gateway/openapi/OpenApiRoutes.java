package dev.hearth.gateway.openapi;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document of the admin API, which is kept by hand and held against the routes by a
 * test, and Swagger UI, which shows it. Neither needs a token: they say nothing of what is
 * deployed.
 */
public final class OpenApiRoutes {
    public static final String DOCUMENT = "/openapi";
    private static final String PAGE = "/swagger-ui/";

    /** Of the jar {@code org.webjars:swagger-ui}, whose version is part of its paths. */
    private static final String JAR = "/META-INF/resources/webjars/swagger-ui/";

    private static final String PROPERTIES =
            "/META-INF/maven/org.webjars/swagger-ui/pom.properties";

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    /** What the page consists of, and nothing else of the jar. */
    private static final Map<String, String> FILES =
            Map.of(
                    "index.html", HTML,
                    "index.css", STYLE,
                    "swagger-ui.css", STYLE,
                    "swagger-ui-bundle.js", SCRIPT,
                    "swagger-ui-standalone-preset.js", SCRIPT,
                    "favicon-16x16.png", "image/png",
                    "favicon-32x32.png", "image/png");

    /** The jar's own shows somebody's pet store. */
    private static final String INITIALIZER = "swagger-initializer.js";

    private final String version;

    public OpenApiRoutes() {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(bytes(PROPERTIES)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.version = properties.getProperty("version", "");
    }

    /** Adds them to the admin port's router. */
    public void register(Router router) {
        router.get(DOCUMENT).handler(c -> answer(c, "application/yaml", "openapi.yaml"));
        router.get(PAGE + "*").handler(this::page);
    }

    private void page(RoutingContext c) {
        if (!c.normalizedPath().startsWith(PAGE)) {
            c.redirect(PAGE);
            return;
        }
        String file = c.normalizedPath().substring(PAGE.length());
        String name = file.isEmpty() ? "index.html" : file;
        @Nullable String type = FILES.get(name);
        if (name.equals(INITIALIZER)) {
            answer(c, SCRIPT, INITIALIZER);
        } else if (type != null) {
            answer(c, type, JAR + version + "/" + name);
        } else {
            c.response().setStatusCode(404).end();
        }
    }

    private static void answer(RoutingContext c, String type, String resource) {
        c.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader(
                        "Content-Security-Policy",
                        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'")
                .end(Buffer.buffer(bytes(resource)));
    }

    /** Read from the jars for each caller: few come, and they hold 2 MB. */
    private static byte[] bytes(String resource) {
        try (@Nullable InputStream in = OpenApiRoutes.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
