package dev.hearth.gateway.access;

import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An audit log in memory. */
public final class MemoryAudit implements AuditPort {
    private final List<Entry> entries = new ArrayList<>();

    /** Who did what, oldest first. */
    public synchronized List<String> told() {
        return entries.stream()
                .map(e -> e.who() + " " + e.action() + " " + e.kind() + " " + e.name())
                .map(String::strip)
                .toList();
    }

    @Override
    public synchronized CompletionStage<Page> entries(Query query) {
        List<Entry> all =
                entries.reversed().stream()
                        .filter(e -> e.id() < query.before().orElse(Long.MAX_VALUE))
                        .filter(e -> query.who().isEmpty() || e.who().equals(query.who()))
                        .toList();
        List<Entry> shown = all.stream().limit(query.most()).toList();
        return CompletableFuture.completedFuture(
                new Page(
                        shown,
                        all.size() > shown.size()
                                ? OptionalLong.of(shown.getLast().id())
                                : OptionalLong.empty()));
    }

    @Override
    public synchronized CompletionStage<Void> note(
            Caller by, String action, String kind, String name) {
        entries.add(
                new Entry(
                        entries.size() + 1,
                        Instant.EPOCH,
                        by.project().value(),
                        by.name(),
                        action,
                        kind,
                        name,
                        Optional.empty(),
                        Optional.of("{\"a\": 1}")));
        return CompletableFuture.completedFuture(null);
    }
}
