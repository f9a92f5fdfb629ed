package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/**
 * Secrets: values that only instances are told. They are encrypted where they are kept. Fails with
 * NOT_FOUND {@code secret-not-found}, UNAVAILABLE {@code database-unavailable}, and with
 * FAILED_PRECONDITION {@code no-secrets-key} where the platform was given no key.
 */
public interface SecretPort {
    /** Of one value; as Google's Secret Manager has it. */
    int MOST_BYTES = 64 * 1024;

    /** Of one secret. */
    int MOST_VERSIONS = 1_000;

    /** Of one project. */
    int MOST_SECRETS = 10_000;

    /** All of a project, by name. */
    CompletionStage<List<Secret>> secrets(ProjectName project);

    /** A secret's versions, newest first. */
    CompletionStage<List<Version>> versions(ProjectName project, SecretName name);

    /** Makes one in the caller's project, with a first version. CONFLICT {@code secret-exists}. */
    CompletionStage<Version> create(Caller by, SecretName name, byte[] value);

    /** Adds a version, the latest from now on. EXHAUSTED {@code too-many-versions}. */
    CompletionStage<Version> add(Caller by, SecretName name, byte[] value);

    /** FAILED_PRECONDITION {@code version-destroyed}: that is for good. */
    CompletionStage<Version> set(Caller by, SecretName name, int version, State state);

    /**
     * Removes it with all its versions. FAILED_PRECONDITION {@code secret-in-use} while a service
     * that is deployed asks for it.
     */
    CompletionStage<Void> delete(Caller by, SecretName name);

    /**
     * Of all projects: encrypts what another key did with the current one; gives how many versions
     * that were.
     */
    CompletionStage<Integer> reseal(Caller by);

    /**
     * What an instance of a project that starts now is to be told; values that were read before are
     * told while the database is away. FAILED_PRECONDITION {@code secret-not-usable} with the
     * version's state where it is not enabled.
     */
    CompletionStage<SecretValues> values(ProjectName project, List<SecretMount> wanted);

    /**
     * @param latest its newest version's number
     */
    record Secret(SecretName name, int latest, Instant createdAt) {}

    /**
     * @param keyId of the key that it is encrypted with; empty when it is destroyed
     */
    record Version(SecretName name, int number, State state, String keyId, Instant createdAt) {}

    /** Of a version. */
    enum State {
        ENABLED,
        /** Kept, and told to nobody until it is enabled again. */
        DISABLED,
        /** Its value is gone. */
        DESTROYED;

        /** As the API says it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
