package dev.hearth.imagecache.unpack;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The directories of a layer that is being unpacked, and the way to each of them.
 *
 * <p>Two guards keep an entry inside the layer. First, the way to its directory is looked up here,
 * in memory, in what this unpacking itself has made: a symbolic link on the way is followed as a
 * container would (an absolute one starts at the layer's root, {@code ..} stops there), never by
 * the kernel. Second, the directory so found is opened with openat2(RESOLVE_BENEATH |
 * RESOLVE_NO_SYMLINKS), and all work is done by single names relative to it.
 *
 * <p>Files are not kept in memory, only directories, links and whiteouts: a million files cost
 * nothing.
 */
final class LayerTree implements AutoCloseable {
    private static final int MOST_LINKS_FOLLOWED = 40; // as Linux, path_resolution(7)

    /** The most memory for what is known of one layer: some 190 000 directories and links. */
    private static final long MOST_KNOWN_BYTES = 32L << 20;

    private static final int NODE_BYTES = 160;

    private final Kernel kernel;
    private final int rootFile;
    private final long mostNodes;
    private long nodes;
    private long knownBytes;
    private final Directory root = new Directory();
    private Directory opened = root;
    private int openedFile;

    /**
     * @param mostNodes directories and links; one name in a tar can ask for hundreds, so a limit on
     *     entries alone is no bound
     */
    LayerTree(Kernel kernel, String path, long mostNodes) throws KernelException {
        this.kernel = kernel;
        this.mostNodes = mostNodes;
        this.rootFile = kernel.openDirectory(path);
        this.openedFile = rootFile;
    }

    /** What is known to stand at a name. */
    sealed interface Node permits Directory, Link, Whiteout {}

    /** A symbolic link. */
    record Link(String target) implements Node {}

    /** A mark that hides what layers below have of that name. */
    record Whiteout() implements Node {}

    /** A real directory that this unpacking made, with the times it gets at the end. */
    static final class Directory implements Node {
        private final Map<String, Node> children = new HashMap<>();
        private final Directory parent;
        private final String name;
        private final int depth;
        long seconds;
        int nanos;
        boolean opaque;

        private Directory() {
            this.parent = this;
            this.name = "";
            this.depth = 0;
        }

        private Directory(Directory parent, String name) {
            this.parent = parent;
            this.name = name;
            this.depth = parent.depth + 1;
        }

        private String path() {
            Deque<String> steps = new ArrayDeque<>();
            for (Directory at = this; at.parent != at; at = at.parent) {
                steps.push(at.name);
            }
            return String.join("/", steps);
        }
    }

    Directory root() {
        return root;
    }

    int rootFile() {
        return rootFile;
    }

    /** The directory at the end of these steps; what is missing of the way is made. */
    Directory walk(List<String> steps) throws IOException {
        Deque<String> todo = new ArrayDeque<>(steps);
        Directory at = root;
        int followed = 0;
        while (!todo.isEmpty()) {
            String step = todo.pop();
            if (step.equals("..")) {
                at = at.parent;
                continue;
            }
            Node child = at.children.get(step);
            switch (child) {
                case Directory directory -> at = directory;
                case Link link -> {
                    if (++followed > MOST_LINKS_FOLLOWED) {
                        throw new BadLayerException("has a loop of symbolic links");
                    }
                    if (link.target.startsWith("/")) {
                        at = root;
                    }
                    pushSteps(link.target, todo);
                }
                case Whiteout hidden -> at = makeOverWhiteout(at, step);
                case null -> at = make(at, step);
            }
        }
        return at;
    }

    /** The file number of a directory, good until the next call. */
    int open(Directory directory) throws KernelException {
        if (directory != opened) {
            int file =
                    directory == root ? rootFile : kernel.openBeneath(rootFile, directory.path());
            closeOpened();
            opened = directory;
            openedFile = file;
        }
        return openedFile;
    }

    /** A directory of that name, made if it is not there yet. */
    Directory directory(Directory parent, String name) throws IOException {
        return switch (parent.children.get(name)) {
            case Directory there -> there;
            case Whiteout hidden -> makeOverWhiteout(parent, name);
            case Link link -> {
                remove(parent, name);
                yield make(parent, name);
            }
            case null -> make(parent, name);
        };
    }

    /** Takes away what this layer has at a name, so that a later entry can stand there. */
    void remove(Directory parent, String name) throws IOException {
        if (parent.children.get(name) instanceof Directory directory) {
            if (directory == opened) {
                open(root);
            }
            try {
                kernel.removeDirectory(open(parent), name);
            } catch (KernelException e) {
                if (e.errno() == Kernel.ENOTEMPTY) {
                    throw new BadLayerException(
                            "replaces its own directory \"" + shown(parent, name) + "\" by a file");
                }
                throw e;
            }
        } else {
            try {
                kernel.unlink(open(parent), name);
            } catch (KernelException e) {
                if (e.errno() != Kernel.ENOENT) {
                    throw e;
                }
            }
        }
        parent.children.remove(name);
    }

    boolean has(Directory parent, String name) {
        return parent.children.containsKey(name);
    }

    boolean isDirectory(Directory parent, String name) {
        return parent.children.get(name) instanceof Directory;
    }

    void know(Directory parent, String name, Node node) throws BadLayerException {
        int targetBytes = node instanceof Link link ? link.target.length() : 0;
        knownBytes += NODE_BYTES + name.length() + targetBytes;
        if (++nodes > mostNodes || knownBytes > MOST_KNOWN_BYTES) {
            throw new BadLayerException(
                    BadLayerException.Fault.TOO_LARGE, "has too many directories and links");
        }
        parent.children.put(name, node);
    }

    /** After a hard link: the new name is what the old one is. */
    void copyKnown(Directory from, String old, Directory to, String name) throws BadLayerException {
        Node node = from.children.get(old);
        if (node != null) {
            know(to, name, node);
        }
    }

    /** A file number of its own, to be closed by the caller, beside the one of {@link #open}. */
    int openSeparately(Directory directory) throws KernelException {
        return kernel.openBeneath(rootFile, directory == root ? "." : directory.path());
    }

    /** Hides what lower layers have in a directory. */
    void makeOpaque(Directory directory) throws KernelException {
        if (!directory.opaque) {
            kernel.setAttribute(open(directory), "trusted.overlay.opaque", new byte[] {'y'});
            directory.opaque = true;
        }
    }

    /** Gives every directory its time; last of all, because filling a directory changes it. */
    void setDirectoryTimes() throws KernelException {
        Deque<Directory> todo = new ArrayDeque<>(List.of(root));
        while (!todo.isEmpty()) {
            Directory directory = todo.pop();
            kernel.setTimes(open(directory), directory.seconds, directory.nanos);
            for (Node child : directory.children.values()) {
                if (child instanceof Directory below) {
                    todo.push(below);
                }
            }
        }
    }

    @Override
    public void close() throws KernelException {
        closeOpened();
        kernel.close(rootFile);
    }

    private Directory makeOverWhiteout(Directory parent, String name) throws IOException {
        remove(parent, name);
        Directory made = make(parent, name);
        makeOpaque(made);
        return made;
    }

    private Directory make(Directory parent, String name) throws IOException {
        int depthBytes = parent.path().length() + 1 + name.length();
        if (depthBytes > EntryName.MOST_BYTES || parent.depth >= EntryName.MOST_STEPS) {
            throw new BadLayerException("has directories nested too deeply");
        }
        try {
            kernel.makeDirectory(open(parent), name);
        } catch (KernelException e) {
            if (e.errno() != Kernel.EEXIST) {
                throw e;
            }
            kernel.unlink(open(parent), name); // a file of this layer, since not a known directory
            kernel.makeDirectory(open(parent), name);
        }
        Directory made = new Directory(parent, name);
        know(parent, name, made);
        kernel.changeMode(open(made), 0755);
        return made;
    }

    private void closeOpened() throws KernelException {
        if (openedFile != rootFile) {
            int file = openedFile;
            opened = root;
            openedFile = rootFile;
            kernel.close(file);
        }
    }

    private static void pushSteps(String target, Deque<String> todo) {
        String[] steps = target.split("/");
        for (int i = steps.length - 1; i >= 0; i--) {
            if (!steps[i].isEmpty() && !steps[i].equals(".")) {
                todo.push(steps[i]);
            }
        }
    }

    /** Where a name is, from the layer's root. */
    String path(Directory parent, String name) {
        String path = parent.path();
        return path.isEmpty() ? name : path + "/" + name;
    }

    private String shown(Directory parent, String name) {
        return EntryName.shown(path(parent, name));
    }
}
