package dev.hearth.bench.platform;

import java.util.LinkedHashMap;
import java.util.Map;

/** A service to deploy: what is said of it as the admin API's JSON has it, and every default. */
public final class Wanted {
    private final Map<String, Object> body = new LinkedHashMap<>();

    private Wanted() {}

    public static Wanted of(String service, String image) {
        return new Wanted().with("name", service).with("image", image);
    }

    /** Says one thing more; the fields are those of AdminApi.Deploy. */
    public Wanted with(String field, Object value) {
        body.put(field, value);
        return this;
    }

    Map<String, Object> body() {
        return body;
    }
}
