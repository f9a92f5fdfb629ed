package dev.hearth.bench.trace;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.report.Latencies;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The terms of a cold start, in the order they happen: {@code hand-over} (waiting, less the start
 * itself: to the runtime and back), then what the spans below {@code cold-start} are called, then
 * {@code first byte} (from the instance's admission to the end of its answer). What the client saw
 * beyond them is {@code unaccounted}.
 */
public record Breakdown(List<Latencies> terms, Latencies client) {
    private static final Map<String, String> NAMES =
            Map.of("ready", "listen", "upstream", "first byte");

    /**
     * @param clientNanos what the client measured, by trace
     */
    public static Breakdown of(OtlpReceiver receiver, Map<String, Long> clientNanos) {
        Map<String, LongStream.Builder> terms = new LinkedHashMap<>();
        LongStream.Builder seen = LongStream.builder();
        List<Span> all = receiver.spans();
        clientNanos.forEach(
                (trace, nanos) -> {
                    Map<String, Long> one =
                            termsOf(all.stream().filter(s -> s.traceId().equals(trace)).toList());
                    if (one.isEmpty()) {
                        return; // it was not exported, or not cold
                    }
                    long accounted = one.values().stream().mapToLong(Long::longValue).sum();
                    one.put("unaccounted", nanos - accounted);
                    one.forEach(
                            (name, value) ->
                                    terms.computeIfAbsent(name, n -> LongStream.builder())
                                            .add(value));
                    seen.add(nanos);
                });
        return new Breakdown(
                terms.entrySet().stream()
                        .map(e -> new Latencies(e.getKey(), e.getValue().build().toArray()))
                        .toList(),
                new Latencies("client", seen.build().toArray()));
    }

    /** Whether every one of these traces arrived whole. */
    public static boolean isComplete(OtlpReceiver receiver, Map<String, Long> clientNanos) {
        List<String> arrived =
                receiver.spans().stream()
                        .filter(s -> s.name().equals("upstream"))
                        .map(Span::traceId)
                        .toList();
        return arrived.containsAll(clientNanos.keySet());
    }

    private static Map<String, Long> termsOf(List<Span> trace) {
        Map<String, Long> terms = new LinkedHashMap<>();
        trace.stream()
                .filter(s -> s.name().equals("cold-start"))
                .findFirst()
                .ifPresent(
                        cold -> {
                            terms.put("hand-over", nanosOf(trace, "queue") - cold.nanos());
                            trace.stream()
                                    .filter(s -> s.parentId().equals(cold.id()))
                                    .sorted(java.util.Comparator.comparingLong(Span::beginNanos))
                                    .forEach(s -> terms.merge(name(s), s.nanos(), Long::sum));
                            terms.put(NAMES.get("upstream"), nanosOf(trace, "upstream"));
                        });
        return terms;
    }

    private static String name(Span span) {
        return NAMES.getOrDefault(span.name(), span.name());
    }

    private static long nanosOf(List<Span> trace, String name) {
        return trace.stream().filter(s -> s.name().equals(name)).mapToLong(Span::nanos).sum();
    }

    /** A table for a person; milliseconds. */
    public String table(String title) {
        StringBuilder text = new StringBuilder();
        text.append("%-28s %5s %8s %8s%n".formatted(title, "n", "p50", "p90"));
        for (Latencies term : terms) {
            text.append(line(term));
        }
        return text.append(line(client)).toString();
    }

    private static String line(Latencies l) {
        return String.format(
                Locale.ROOT,
                "  %-26s %5d %8.3f %8.3f%n",
                l.name(),
                l.count(),
                l.millis(50),
                l.millis(90));
    }

    /** The same for a program. */
    public void json(ObjectNode into) {
        for (Latencies term : terms) {
            into.putObject(term.name())
                    .put("p50Millis", term.millis(50))
                    .put("p90Millis", term.millis(90));
        }
        into.putObject("client").put("p50Millis", client.millis(50)).put("n", client.count());
    }
}
