package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The manifests that are being taken in now. While one is, no prune takes it away; and when it was
 * refused it goes again, but not before the last of those who push it at once was, and not when it
 * had been accepted before.
 */
final class Arriving {
    private final RegistryStore store;
    private final Map<Key, State> states = new ConcurrentHashMap<>();

    Arriving(RegistryStore store) {
        this.store = store;
    }

    private record Key(String repository, Digest digest) {}

    private static final class State {
        private int pushes;
        private boolean accepted;
    }

    /** Before the manifest is stored; {@link #end} has to follow. */
    synchronized void begin(String repository, Digest digest) throws IOException {
        Key key = new Key(repository, digest);
        State state = states.get(key);
        if (state == null) {
            state = new State();
            state.accepted = store.repositories().find(repository, digest).isPresent();
            states.put(key, state);
        }
        state.pushes++;
    }

    /** After the push was accepted or refused. */
    synchronized void end(String repository, Digest digest, boolean accepted) throws IOException {
        Key key = new Key(repository, digest);
        State state = states.get(key);
        if (state == null) {
            throw new IllegalStateException("nobody pushes " + digest);
        }
        state.accepted |= accepted;
        if (--state.pushes == 0) {
            if (!state.accepted) {
                store.delete(repository, digest);
            }
            states.remove(key);
        }
    }

    /** Takes no lock: asked while pushes are shut out. */
    boolean has(String repository, Digest digest) {
        return states.containsKey(new Key(repository, digest));
    }
}
