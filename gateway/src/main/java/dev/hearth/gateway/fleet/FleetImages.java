package dev.hearth.gateway.fleet;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.ServedImages;
import dev.hearth.gateway.peer.Rendezvous;
import dev.hearth.nodeapi.Failures;
import dev.hearth.nodeapi.Messages;
import dev.hearth.nodeapi.v1.Image;
import dev.hearth.nodeapi.v1.ImagesRequest;
import dev.hearth.nodeapi.v1.NodeGrpc;
import dev.hearth.nodeapi.v1.PruneRequest;
import dev.hearth.nodeapi.v1.ResolveRequest;
import dev.hearth.nodeapi.v1.ServingRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The image caches of many nodes as one. An image is resolved and brought by the node that is its
 * favourite, where its first instance will then start; the others pull it when they need it.
 *
 * <p>There is no registry of the platform's own here: what is pushed to one node could not be
 * pulled by the others.
 */
public final class FleetImages implements ImagePort, ImageAdminPort {
    private static final int RESOLVE_SECONDS = 60;
    private static final int PULL_SECONDS = 30 * 60;
    private static final int CALL_SECONDS = 10;

    /** Nodes that are asked one after the other. */
    private static final int MOST_TRIES = 3;

    private final Nodes nodes;
    private final Map<String, Told> told = new ConcurrentHashMap<>();
    private volatile @Nullable ServedImages serving;

    /**
     * What a node was last told.
     *
     * @param watch in which; in another one it may be a process that was told nothing yet
     */
    private record Told(int watch, ServingRequest request) {}

    public FleetImages(Nodes nodes, Fleet fleet) {
        this.nodes = nodes;
        fleet.onAccount(this::tell);
    }

    @Override
    public ResolvedImage resolve(ProjectName project, String reference) {
        ResolveRequest request = request(project, reference);
        return Messages.image(
                await(
                        reference,
                        node -> Calls.call(node.calls(RESOLVE_SECONDS)::resolve, request)));
    }

    private static ResolveRequest request(ProjectName project, String reference) {
        return ResolveRequest.newBuilder()
                .setReference(reference)
                .setProject(project.value())
                .build();
    }

    @Override
    public void prefetch(ResolvedImage image) {
        String digest = image.digest().value();
        Image request = Messages.of(image);
        await(
                digest,
                node ->
                        Calls.call(node.calls(PULL_SECONDS)::prefetch, request)
                                .thenAccept(brought -> node.addImage(digest)));
    }

    /** Asks a key's favourite node; should it get lost over that, the next one. */
    private <R> R await(String key, Function<NodeLink, CompletableFuture<R>> call) {
        Set<NodeLink> lost = new HashSet<>();
        while (true) {
            NodeLink node = favourite(key, lost);
            try {
                return call.apply(node).join();
            } catch (CompletionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                lost.add(node);
                if (!Failures.isOfTheWay(cause) || lost.size() == MOST_TRIES) {
                    throw Failures.from(cause, node.name());
                }
            }
        }
    }

    private NodeLink favourite(String key, Set<NodeLink> lost) {
        Map<String, NodeLink> byAddress = new HashMap<>();
        nodes.alive().stream()
                .filter(node -> node.takesInstances() && !lost.contains(node))
                .forEach(node -> byAddress.put(node.address(), node));
        return Rendezvous.choose(key, byAddress.keySet())
                .map(byAddress::get)
                .orElseThrow(
                        () ->
                                new HearthException(
                                        ErrorKind.UNAVAILABLE,
                                        "no-node",
                                        "no node answers that could pull images; see that they run,"
                                                + " and that HEARTH_NODES names them"));
    }

    @Override
    public void serving(ServedImages images) {
        serving = images;
    }

    /**
     * Tells a node which of the images that it has serve, when that is not what it was told before;
     * so it knows of a change as soon as it has given its next complete account.
     */
    private void tell(NodeLink node) {
        ServedImages known = serving;
        if (known == null) {
            return;
        }
        Told now = new Told(node.watches(), request(node.images(), known));
        if (now.equals(told.put(node.address(), now))) {
            return;
        }
        var _ =
                Calls.call(node.calls(CALL_SECONDS)::serving, now.request)
                        .exceptionally(
                                failure -> {
                                    told.remove(node.address(), now); // told with its next account
                                    return null;
                                });
    }

    private static ServingRequest request(Set<String> images, ServedImages known) {
        ServingRequest.Builder request = ServingRequest.newBuilder();
        for (String image : new TreeSet<>(images)) {
            switch (known.need(new Digest(image))) {
                case NONE -> {}
                case SERVES -> request.addDigests(image);
                case ALWAYS -> request.addDigests(image).addKept(image);
            }
        }
        return request.build();
    }

    // ---- for operators

    @Override
    public ImagesView images() {
        List<ImagesView> views =
                everywhere(
                        calls ->
                                Calls.call(calls::images, ImagesRequest.getDefaultInstance())
                                        .thenApply(Messages::images));
        Map<Digest, ImageView> byDigest = new LinkedHashMap<>();
        for (ImagesView view : views) {
            view.images().forEach(image -> byDigest.merge(image.digest(), image, this::both));
        }
        return new ImagesView(
                List.copyOf(byDigest.values()),
                views.stream().mapToLong(ImagesView::layerBytes).sum(),
                views.stream().mapToLong(ImagesView::registryBytes).sum(),
                views.stream().mapToLong(ImagesView::budgetBytes).sum());
    }

    private ImageView both(ImageView a, ImageView b) {
        return new ImageView(
                a.digest(),
                a.references(),
                a.bytes(),
                Math.max(a.sharedBytes(), b.sharedBytes()),
                a.lastUsed().isAfter(b.lastUsed()) ? a.lastUsed() : b.lastUsed(),
                a.running() || b.running());
    }

    @Override
    public Pruned prune(Set<Digest> keep) {
        PruneRequest request =
                PruneRequest.newBuilder()
                        .addAllKeep(keep.stream().map(Digest::value).toList())
                        .build();
        List<Pruned> pruned =
                everywhere(
                        calls ->
                                Calls.call(calls::prune, request)
                                        .thenApply(m -> new Pruned(m.getImages(), m.getBytes())));
        return new Pruned(
                pruned.stream().mapToInt(Pruned::images).sum(),
                pruned.stream().mapToLong(Pruned::bytes).sum());
    }

    /** Asks all nodes at once; those that do not answer are left out. */
    private <R> List<R> everywhere(Function<NodeGrpc.NodeStub, CompletableFuture<R>> call) {
        List<CompletableFuture<Optional<R>>> answers = new ArrayList<>();
        for (NodeLink node : nodes.alive()) {
            answers.add(
                    call.apply(node.calls(CALL_SECONDS))
                            .handle((answer, failure) -> Optional.ofNullable(answer)));
        }
        return answers.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList();
    }

    @Override
    public byte[] billOfMaterials(ProjectName project, String reference) {
        ResolveRequest request = request(project, reference);
        return await(
                        reference,
                        node -> Calls.call(node.calls(PULL_SECONDS)::billOfMaterials, request))
                .getJson()
                .toByteArray();
    }

    @Override
    public List<PullView> pulls() {
        return nodes.alive().stream()
                .flatMap(node -> node.last().getPullsList().stream())
                .map(Messages::pull)
                .toList();
    }

    @Override
    public void bound(RegistryBounds bounds) {
        // there is no registry to push to
    }

    @Override
    public long registryBytes(ProjectName project) {
        return 0;
    }

    @Override
    public Optional<InetSocketAddress> registry() {
        return Optional.empty();
    }
}
