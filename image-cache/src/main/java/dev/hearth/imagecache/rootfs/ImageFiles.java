package dev.hearth.imagecache.rootfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The files of an image, looked up in its layers as <a
 * href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs</a> does: the upper hides the
 * lower, directories are merged, whiteouts and opaque directories hide what is below.
 *
 * <p>Layers are made by strangers. The kernel is never left to follow a symbolic link of theirs:
 * each step is looked up here, a link is followed as a container would (an absolute one starts at
 * the image's root, {@code ..} stops there), and only regular files are opened.
 */
public final class ImageFiles {
    private static final int MOST_LINKS_FOLLOWED = 40; // as Linux, path_resolution(7)
    private static final int MOST_STEPS = 1024;
    private static final int MOST_NAME_BYTES = 255; // NAME_MAX; there is nothing of a longer name

    private final Node.Directory root;

    /**
     * @param layers unpacked, lowest first; of {@link dev.hearth.imagecache.StoredImage#layers()}
     */
    public ImageFiles(List<Path> layers) {
        this.root = new Node.Directory(layers.reversed());
    }

    /**
     * The regular file at a path, or empty when a container would not find anything there.
     *
     * @param path from the image's root
     * @throws BadFileException when it is not a regular file, or its links lead nowhere but around
     */
    public Optional<ImageFile> find(String path) throws IOException {
        Optional<Node> node = resolve(path);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (node.get() instanceof Node.Plain file) {
            return Optional.of(new ImageFile(path, file.path(), file.bytes()));
        }
        throw new BadFileException("its " + path + " is not a regular file");
    }

    /**
     * The names in a directory, sorted; none when it is not there or is not a directory.
     *
     * @param most names; {@link BadFileException} above
     */
    public List<String> list(String path, int most) throws IOException {
        if (!(resolve(path).orElse(null) instanceof Node.Directory directory)) {
            return List.of();
        }
        Set<String> known = new HashSet<>();
        TreeSet<String> names = new TreeSet<>();
        for (Path part : directory.parts()) {
            try (Stream<Path> children = Files.list(part)) {
                for (Path child : (Iterable<Path>) children::iterator) {
                    String name = String.valueOf(child.getFileName());
                    if (known.add(name)
                            && Node.in(part, name).orElse(null) instanceof Node found
                            && !(found instanceof Node.Whiteout)) {
                        names.add(name);
                    }
                    if (known.size() > most) {
                        throw new BadFileException(
                                "its " + path + " has more than " + most + " files");
                    }
                }
            }
        }
        return List.copyOf(names);
    }

    private Optional<Node> resolve(String path) throws IOException {
        Deque<String> todo = new ArrayDeque<>();
        pushSteps(path, todo);
        Deque<Node.Directory> above = new ArrayDeque<>();
        Node at = root;
        int walked = 0;
        int followed = 0;
        while (!todo.isEmpty()) {
            if (!(at instanceof Node.Directory directory)) {
                return Optional.empty();
            }
            if (++walked > MOST_STEPS) {
                throw new BadFileException(
                        "its " + path + " leads over more than " + MOST_STEPS + " directories");
            }
            String step = todo.pop();
            if (step.equals("..")) {
                at = above.isEmpty() ? root : above.pop();
                continue;
            }
            Optional<Node> child = child(directory, step);
            if (child.isEmpty()) {
                return Optional.empty();
            }
            if (child.get() instanceof Node.Link link) {
                if (++followed > MOST_LINKS_FOLLOWED) {
                    throw new BadFileException("its " + path + " is a loop of symbolic links");
                }
                if (link.target().startsWith("/")) {
                    above.clear();
                    at = root;
                }
                pushSteps(link.target(), todo);
            } else {
                above.push(directory);
                at = child.get();
            }
        }
        return Optional.of(at);
    }

    /** What the layers together have of that name in a directory. */
    private static Optional<Node> child(Node.Directory directory, String name) throws IOException {
        if (name.getBytes(StandardCharsets.UTF_8).length > MOST_NAME_BYTES) {
            return Optional.empty();
        }
        List<Path> merged = new ArrayList<>();
        for (Path part : directory.parts()) {
            Optional<Node> here = Node.in(part, name);
            if (here.isEmpty()) {
                continue;
            }
            if (!(here.get() instanceof Node.Directory below)) {
                // The uppermost counts, and a file below a directory ends the merging.
                return merged.isEmpty() && !(here.get() instanceof Node.Whiteout)
                        ? here
                        : directory(merged);
            }
            Path path = below.parts().getFirst();
            merged.add(path);
            if (OpaqueMark.isOn(path)) {
                break;
            }
        }
        return directory(merged);
    }

    private static Optional<Node> directory(List<Path> merged) {
        return merged.isEmpty() ? Optional.empty() : Optional.of(new Node.Directory(merged));
    }

    private static void pushSteps(String path, Deque<String> todo) {
        String[] steps = path.split("/");
        for (int i = steps.length - 1; i >= 0; i--) {
            if (!steps[i].isEmpty() && !steps[i].equals(".")) {
                todo.push(steps[i]);
            }
        }
    }
}
