package dev.hearth.imagecache.unpack;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Puts the entries of one layer on disk: owner, mode, times, links, whiteouts.
 *
 * <p>Left out on purpose: device nodes (an instance's file systems are mounted nodev and its {@code
 * /dev} is the platform's, and a device 0/0 would be a forged whiteout) and every extended
 * attribute but {@code security.capability} ({@code trusted.overlay.*} would forge opaque
 * directories and redirects).
 */
final class LayerWriter {
    /** On a Debian system 2 % of the files are this large, and have 86 % of all bytes. */
    private static final long LARGE_BYTES = 128 * 1024;

    /** Begun to be written to the disk at once, so that less is left to wait for at the end. */
    private static final long EARLY_BYTES = 64 * 1024;

    private static final int MOST_LARGE = 10_000;
    private static final Pattern PLAIN = Pattern.compile("[ -~]+");
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String AUFS_OWN = ".wh..wh."; // aufs's bookkeeping, means nothing here

    private final Kernel kernel;
    private final LayerTree tree;
    private final byte[] buffer = new byte[Kernel.WRITE_BYTES];
    private final Set<String> large = new LinkedHashSet<>();
    private long bytes;

    LayerWriter(Kernel kernel, LayerTree tree) {
        this.kernel = kernel;
        this.tree = tree;
    }

    /** Bytes of file content written so far. */
    long bytes() {
        return bytes;
    }

    /** Where large files were put that may be like those of other layers; each plain ASCII. */
    List<String> large() {
        return List.copyOf(large);
    }

    void write(TarEntry entry, TarReader content) throws IOException {
        EntryName name = EntryName.parse(entry.name());
        if (name.isRoot()) {
            if (entry.kind() == TarEntry.Kind.DIRECTORY) {
                apply(entry, tree.root());
            }
            return;
        }
        LayerTree.Directory parent = tree.walk(name.parents());
        String last = name.last();
        if (last.startsWith(WHITEOUT)) {
            whiteout(parent, last);
            return;
        }
        switch (entry.kind()) {
            case DIRECTORY -> apply(entry, tree.directory(parent, last));
            case FILE -> file(entry, parent, last, content);
            case SYMLINK -> symlink(entry, parent, last);
            case HARD_LINK -> hardLink(entry, parent, last);
            case FIFO -> fifo(entry, parent, last);
            case DEVICE -> {}
        }
    }

    private void file(TarEntry entry, LayerTree.Directory parent, String name, TarReader content)
            throws IOException {
        int file = create(parent, name);
        try {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                kernel.write(file, buffer, n);
                bytes += n;
            }
            // Each step undoes part of the one before: writing clears set-user-ID, changing the
            // owner clears both it and the capability, and both touch the times.
            kernel.changeOwner(file, (int) entry.user(), (int) entry.group());
            kernel.changeMode(file, entry.mode());
            if (entry.capability().isPresent()) {
                setCapability(file, entry.capability().get());
            }
            kernel.setTimes(file, entry.seconds(), entry.nanos());
            if (entry.size() >= EARLY_BYTES) {
                kernel.beginSync(file);
            }
        } finally {
            kernel.close(file);
        }
        if (entry.size() >= LARGE_BYTES) {
            noteLarge(entry, tree.path(parent, name));
        }
    }

    /** A capability is not among what is compared, so a file that has one is not shared. */
    private void noteLarge(TarEntry entry, String path) {
        large.remove(path); // an archive may have a name twice
        if (entry.capability().isEmpty()
                && large.size() < MOST_LARGE
                && PLAIN.matcher(path).matches()) {
            large.add(path);
        }
    }

    private int create(LayerTree.Directory parent, String name) throws IOException {
        if (tree.has(parent, name)) {
            tree.remove(parent, name);
        }
        try {
            return kernel.createFile(tree.open(parent), name);
        } catch (KernelException e) {
            if (e.errno() != Kernel.EEXIST) {
                throw e;
            }
            kernel.unlink(tree.open(parent), name);
            return kernel.createFile(tree.open(parent), name);
        }
    }

    private void symlink(TarEntry entry, LayerTree.Directory parent, String name)
            throws IOException {
        String target = entry.linkName();
        if (target.isEmpty() || target.length() > EntryName.MOST_BYTES || target.indexOf(0) >= 0) {
            throw new BadLayerException(
                    "has a symbolic link \"" + EntryName.shown(entry.name()) + "\" to nowhere");
        }
        place(parent, name, () -> kernel.makeSymlink(target, tree.open(parent), name));
        tree.know(parent, name, new LayerTree.Link(target));
        own(entry, parent, name);
    }

    private void hardLink(TarEntry entry, LayerTree.Directory parent, String name)
            throws IOException {
        EntryName target = EntryName.parse(entry.linkName());
        if (target.isRoot()) {
            throw new BadLayerException("has a hard link to a directory");
        }
        LayerTree.Directory targetParent = tree.walk(target.parents());
        if (targetParent == parent && target.last().equals(name)) {
            throw new BadLayerException("has a hard link to itself");
        }
        if (tree.isDirectory(targetParent, target.last())) {
            throw new BadLayerException("has a hard link to a directory");
        }
        try {
            place(parent, name, () -> link(targetParent, target.last(), parent, name));
        } catch (KernelException e) {
            if (e.errno() == Kernel.ENOENT) {
                throw new BadLayerException(
                        "has a hard link to \""
                                + EntryName.shown(entry.linkName())
                                + "\", which it has not");
            }
            throw e;
        }
        tree.copyKnown(targetParent, target.last(), parent, name);
    }

    /** Both directories must be open at once, and the tree keeps one: the second by its way. */
    private void link(
            LayerTree.Directory targetParent,
            String target,
            LayerTree.Directory parent,
            String name)
            throws IOException {
        int separate = tree.openSeparately(targetParent);
        try {
            kernel.makeHardLink(separate, target, tree.open(parent), name);
        } finally {
            kernel.close(separate);
        }
    }

    private void fifo(TarEntry entry, LayerTree.Directory parent, String name) throws IOException {
        place(parent, name, () -> kernel.makeFifo(tree.open(parent), name, entry.mode() & 0777));
        own(entry, parent, name);
    }

    private void whiteout(LayerTree.Directory parent, String marker) throws IOException {
        if (marker.equals(OPAQUE)) {
            tree.makeOpaque(parent);
            return;
        }
        if (marker.startsWith(AUFS_OWN)) {
            return;
        }
        String hidden = marker.substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw new BadLayerException("has a whiteout \"" + marker + "\" of a directory itself");
        }
        if (tree.isDirectory(parent, hidden)) {
            tree.makeOpaque(tree.directory(parent, hidden)); // hides what is below, not its own
            return;
        }
        try {
            kernel.makeWhiteout(tree.open(parent), hidden);
            tree.know(parent, hidden, new LayerTree.Whiteout());
        } catch (KernelException e) {
            if (e.errno() != Kernel.EEXIST) {
                throw e;
            } // a file of this layer stands there and hides what is below as well
        }
    }

    private void apply(TarEntry entry, LayerTree.Directory directory) throws KernelException {
        int file = tree.open(directory);
        kernel.changeOwner(file, (int) entry.user(), (int) entry.group());
        kernel.changeMode(file, entry.mode());
        directory.seconds = entry.seconds();
        directory.nanos = entry.nanos();
    }

    private void own(TarEntry entry, LayerTree.Directory parent, String name)
            throws KernelException {
        int directory = tree.open(parent);
        kernel.changeOwner(directory, name, (int) entry.user(), (int) entry.group());
        kernel.setTimes(directory, name, entry.seconds(), entry.nanos());
    }

    private void setCapability(int file, byte[] value) throws IOException {
        try {
            kernel.setAttribute(file, "security.capability", value);
        } catch (KernelException e) {
            if (e.errno() == Kernel.EINVAL) {
                throw new BadLayerException("has a file with a malformed capability");
            }
            throw e;
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Makes something at a name, in place of what this layer has there. */
    private void place(LayerTree.Directory parent, String name, Step make) throws IOException {
        if (tree.has(parent, name)) {
            tree.remove(parent, name);
        }
        try {
            make.run();
        } catch (KernelException e) {
            if (e.errno() != Kernel.EEXIST) {
                throw e;
            }
            tree.remove(parent, name);
            make.run();
        }
    }
}
