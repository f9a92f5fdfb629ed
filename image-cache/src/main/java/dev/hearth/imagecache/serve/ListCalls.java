package dev.hearth.imagecache.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calls that list: tags, repositories, and what refers to a manifest. */
final class ListCalls {
    private static final int MOST_PER_PAGE = 1000;

    /** Of the manifests that one list of referrers is made of: what the specification allows. */
    private static final long MOST_REFERRERS_BYTES = 4 << 20;

    private final RegistryStore store;

    ListCalls(RegistryStore store) {
        this.store = store;
    }

    private record Tags(String name, List<String> tags) {}

    private record Catalog(List<String> repositories) {}

    void tags(Call call, String repository) throws IOException {
        if (!store.repositories().exists(repository)) {
            throw new RegistryFault(Code.NAME_UNKNOWN, "there is no repository " + repository);
        }
        List<String> page =
                page(
                        call,
                        store.repositories().tags(repository),
                        "/v2/" + repository + "/tags/list");
        call.json(200, new Tags(repository, page));
    }

    void catalog(Call call) throws IOException {
        call.json(200, new Catalog(page(call, store.repositories().all(), "/v2/_catalog")));
    }

    /** Those after {@code last}, {@code n} at most; a Link header leads to the next ones. */
    private static List<String> page(Call call, List<String> sorted, String path) {
        int most = call.query("n").map(ListCalls::number).orElse(MOST_PER_PAGE);
        String last = call.query("last").orElse("");
        List<String> rest = sorted.stream().filter(s -> s.compareTo(last) > 0).toList();
        if (rest.size() <= most) {
            return rest;
        }
        List<String> page = rest.subList(0, most);
        if (most > 0) {
            String next = URLEncoder.encode(page.getLast(), StandardCharsets.UTF_8);
            call.with("Link", "<" + path + "?n=" + most + "&last=" + next + ">; rel=\"next\"");
        }
        return page;
    }

    private static int number(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw new RegistryFault(
                    Code.UNSUPPORTED, 400, "n=\"" + text + "\" is not a number of entries");
        }
        return Math.min(Integer.parseInt(text), MOST_PER_PAGE);
    }

    /** An index without an artifact type is listed without one, as the specification demands. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    private record Referrer(
            String mediaType,
            String digest,
            long size,
            String artifactType,
            Map<String, String> annotations) {}

    private record Index(int schemaVersion, String mediaType, List<Referrer> manifests) {}

    void referrers(Call call, String repository, Digest subject) throws IOException {
        Optional<String> wanted = call.query("artifactType");
        List<Referrer> found = new ArrayList<>();
        String last = call.query("last").orElse("");
        long bytes = 0;
        for (Digest digest : store.repositories().referrers(repository, subject)) {
            Optional<Repositories.Entry> entry = store.repositories().find(repository, digest);
            if (entry.isPresent() && digest.hex().compareTo(last) > 0) {
                bytes += store.blobs().size(digest).orElse(0L);
                if (bytes > MOST_REFERRERS_BYTES && !found.isEmpty()) {
                    nextReferrers(call, repository, subject, found.getLast());
                    break;
                }
                Referrer one = referrer(entry.get());
                if (wanted.isEmpty() || wanted.get().equals(one.artifactType())) {
                    found.add(one);
                }
            }
        }
        if (wanted.isPresent()) {
            call.with("OCI-Filters-Applied", "artifactType");
        }
        call.answer(
                200, MediaTypes.OCI_INDEX, Json.write(new Index(2, MediaTypes.OCI_INDEX, found)));
    }

    private static void nextReferrers(Call call, String repository, Digest subject, Referrer last) {
        String next = "?last=" + last.digest().substring(last.digest().indexOf(':') + 1);
        String type =
                call.query("artifactType")
                        .map(t -> "&artifactType=" + URLEncoder.encode(t, StandardCharsets.UTF_8))
                        .orElse("");
        String path = "/v2/" + repository + "/referrers/" + subject;
        call.with("Link", "<" + path + next + type + ">; rel=\"next\"");
    }

    private Referrer referrer(Repositories.Entry entry) throws IOException {
        PushedManifest manifest = store.read(entry);
        return new Referrer(
                entry.mediaType(),
                entry.digest().value(),
                store.blobs().size(entry.digest()).orElse(0L),
                manifest.artifactType().orElse(""),
                manifest.annotations());
    }
}
