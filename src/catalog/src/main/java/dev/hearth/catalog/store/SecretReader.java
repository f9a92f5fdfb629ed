package dev.hearth.catalog.store;

import dev.hearth.catalog.secret.Sealing;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort.State;
import dev.hearth.contracts.SecretValues;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What instances are told when they start. While the database is away that is what was read last,
 * which is kept in memory as it is in the database: encrypted.
 *
 * <p>Concurrency: the memory is guarded by the monitor.
 */
public final class SecretReader {
    private static final int MOST_REMEMBERED = 1_000;

    /** Of all secrets of an instance; what is given to its process has room for 2 MiB in all. */
    private static final int MOST_BYTES = 1 << 20;

    private final SecretStore store;
    private final Sealing sealing;
    private final Map<Asked, SecretStore.Kept> read =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Asked, SecretStore.Kept> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };

    private record Asked(ProjectName project, SecretName name, int version) {}

    public SecretReader(SecretStore store, Sealing sealing) {
        this.store = store;
        this.sealing = sealing;
    }

    /** See SecretPort. */
    public Uni<SecretValues> values(ProjectName project, List<SecretMount> wanted) {
        return Multi.createFrom()
                .iterable(wanted)
                .onItem()
                .transformToUniAndConcatenate(
                        mount -> kept(project, mount).map(kept -> value(mount, kept)))
                .collect()
                .asList()
                .map(SecretReader::checked);
    }

    /** What was read of it counts no more: it was changed, here. */
    public synchronized void forget(ProjectName project, SecretName name) {
        read.keySet().removeIf(asked -> asked.project.equals(project) && asked.name.equals(name));
    }

    private Uni<SecretStore.Kept> kept(ProjectName project, SecretMount mount) {
        Asked asked = new Asked(project, mount.secret(), mount.version());
        return store.sealed(project, mount.secret(), mount.version())
                .invoke(kept -> remember(asked, kept))
                .onFailure(SecretReader::isAway)
                .recoverWithUni(failure -> remembered(asked, failure));
    }

    private static boolean isAway(Throwable failure) {
        return HearthException.from(failure).kind() == ErrorKind.UNAVAILABLE;
    }

    private synchronized void remember(Asked asked, SecretStore.Kept kept) {
        read.put(asked, kept);
    }

    private synchronized Uni<SecretStore.Kept> remembered(Asked asked, Throwable failure) {
        SecretStore.Kept kept = read.get(asked);
        return kept == null ? Uni.createFrom().failure(failure) : Uni.createFrom().item(kept);
    }

    private SecretValues.Value value(SecretMount mount, SecretStore.Kept kept) {
        if (kept.state() != State.ENABLED || kept.value().isEmpty()) {
            throw unusable(mount, kept, "is " + kept.state().word());
        }
        byte[] value =
                sealing.open(
                        SecretStore.place(kept.project(), kept.name(), kept.number()),
                        kept.value().orElseThrow());
        if (!mount.isFile() && !isText(value)) {
            throw unusable(mount, kept, "is no text, which a variable holds; mount it as a file");
        }
        return new SecretValues.Value(mount.target(), value);
    }

    private static boolean isText(byte[] value) {
        for (byte b : value) {
            if (b == 0) {
                return false;
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value));
            return true;
        } catch (CharacterCodingException otherBytes) {
            return false;
        }
    }

    private static SecretValues checked(List<SecretValues.Value> values) {
        int bytes = values.stream().mapToInt(v -> v.bytes().length).sum();
        if (bytes > MOST_BYTES) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "secret-not-usable",
                    "the secrets of one instance have "
                            + bytes
                            + " bytes; the most is "
                            + MOST_BYTES);
        }
        return new SecretValues(values);
    }

    private static HearthException unusable(SecretMount mount, SecretStore.Kept kept, String why) {
        return new HearthException(
                ErrorKind.FAILED_PRECONDITION,
                "secret-not-usable",
                "the secret for "
                        + mount.target()
                        + ", "
                        + SecretStore.place(kept.project(), kept.name(), kept.number())
                        + ", "
                        + why);
    }
}
