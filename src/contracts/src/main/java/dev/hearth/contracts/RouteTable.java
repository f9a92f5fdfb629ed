package dev.hearth.contracts;

import java.util.Map;

/** Which revision serves each service now; swapped as a whole, never changed. */
public record RouteTable(Map<ServiceName, RevisionSpec> serving) {
    public RouteTable {
        serving = Map.copyOf(serving);
    }

    public static RouteTable empty() {
        return new RouteTable(Map.of());
    }
}
