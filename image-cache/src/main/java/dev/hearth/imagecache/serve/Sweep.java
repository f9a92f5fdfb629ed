package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One look through all repositories for what may go. Each manifest is read once and little of it
 * kept, whatever a pusher made of them: pushes wait meanwhile.
 */
final class Sweep {
    private final RegistryStore store;
    private final Repositories repositories;
    private final Predicate<Digest> keep;
    private final Instant before;

    /**
     * @param keep the manifests that stay without a tag
     * @param before a blob that was linked after that stays without a manifest
     */
    Sweep(RegistryStore store, Predicate<Digest> keep, Instant before) {
        this.store = store;
        this.repositories = store.repositories();
        this.keep = keep;
        this.before = before;
    }

    private record Known(List<Digest> blobs, List<Digest> children, Optional<Digest> subject) {
        static Known of(PushedManifest manifest) {
            return new Known(
                    manifest.blobs().stream().map(PushedManifest.Part::digest).toList(),
                    manifest.children().stream().map(PushedManifest.Part::digest).toList(),
                    manifest.subject());
        }
    }

    /** Takes away what a repository does not need; the blobs and manifests that it does. */
    Set<Digest> run(String repository) throws IOException {
        Map<Digest, Known> manifests = new HashMap<>();
        for (Digest digest : repositories.manifests(repository)) {
            Optional<Repositories.Entry> entry = repositories.find(repository, digest);
            if (entry.isPresent()) {
                manifests.put(digest, Known.of(store.read(entry.get())));
            }
        }
        Set<Digest> staying = staying(repository, manifests);
        Set<Digest> needed = new HashSet<>();
        for (Map.Entry<Digest, Known> one : manifests.entrySet()) {
            if (staying.contains(one.getKey())) {
                needed.add(one.getKey());
                needed.addAll(one.getValue().blobs());
            } else {
                repositories.remove(repository, one.getKey(), one.getValue().subject());
            }
        }
        unlink(repository, needed);
        repositories.removeIfEmpty(repository);
        return needed;
    }

    /** What is tagged, kept or arriving; children of what stays, and what is about it. */
    private Set<Digest> staying(String repository, Map<Digest, Known> manifests)
            throws IOException {
        Map<Digest, List<Digest>> about = new HashMap<>();
        Deque<Digest> todo = new ArrayDeque<>();
        for (Map.Entry<Digest, Known> one : manifests.entrySet()) {
            Digest digest = one.getKey();
            one.getValue()
                    .subject()
                    .ifPresent(s -> about.computeIfAbsent(s, k -> new ArrayList<>()).add(digest));
            if (keep.test(digest) || store.arriving().has(repository, digest)) {
                todo.add(digest);
            }
        }
        for (String tag : repositories.tags(repository)) {
            repositories.tagged(repository, tag).ifPresent(todo::add);
        }
        Set<Digest> staying = new HashSet<>();
        while (!todo.isEmpty()) {
            Digest digest = todo.pop();
            if (staying.add(digest)) {
                Optional.ofNullable(manifests.get(digest))
                        .map(Known::children)
                        .ifPresent(todo::addAll);
                todo.addAll(about.getOrDefault(digest, List.of()));
            }
        }
        return staying;
    }

    private void unlink(String repository, Collection<Digest> needed) throws IOException {
        for (Digest blob : repositories.links(repository)) {
            if (!needed.contains(blob)) {
                if (repositories.linkedMillis(repository, blob) > before.toEpochMilli()) {
                    needed.add(blob);
                } else {
                    repositories.unlink(repository, blob);
                }
            }
        }
    }
}
