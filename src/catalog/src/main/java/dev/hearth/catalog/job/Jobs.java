package dev.hearth.catalog.job;

import dev.hearth.catalog.store.JobStore;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretPort;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Deploying and running jobs. */
public final class Jobs {
    /** No vowels, hence no words; no 0, 1, l, which look like others. */
    private static final String LETTERS = "bcdfghjkmnpqrstvwxz23456789";

    private static final int SUFFIX_LENGTH = 5;

    private final JobStore store;
    private final ImagePort images;
    private final SecretPort secrets;
    private final Executor blocking;
    private final Clock clock;
    private final RandomGenerator random;

    /**
     * @param secrets that jobs name have to be there
     * @param blocking runs what blocks: the calls to {@code images}
     * @param random for names only; safe for use by several threads
     */
    public Jobs(
            JobStore store,
            ImagePort images,
            SecretPort secrets,
            Executor blocking,
            Clock clock,
            RandomGenerator random) {
        this.store = store;
        this.images = images;
        this.secrets = secrets;
        this.blocking = blocking;
        this.clock = clock;
        this.random = random;
    }

    /** The same, for changes by somebody: the audit log has their name. */
    public Jobs as(Caller caller) {
        return new Jobs(store.as(caller), images, secrets, blocking, clock, random);
    }

    /**
     * Deploys: check, see that its secrets are there and may be told, resolve the image, make it
     * ready on a node, store.
     */
    public Uni<Job> deploy(JobRequest request) {
        return store.check(request.name(), request.condition())
                .chain(() -> secrets(request))
                .chain(() -> image(request))
                .chain(image -> store.store(request, request.template().of(image.digest()), now()));
    }

    /** As a service's deploy is refused for want of one, since its first instance is. */
    private Uni<Void> secrets(JobRequest request) {
        List<SecretMount> wanted = request.template().container().secrets();
        return wanted.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.createFrom()
                        .completionStage(() -> secrets.values(request.name().project(), wanted))
                        .replaceWithVoid();
    }

    private Uni<ResolvedImage> image(JobRequest request) {
        return Uni.createFrom()
                .item(
                        () -> {
                            ResolvedImage image =
                                    images.resolve(
                                            request.name().project(), request.template().image());
                            images.prefetch(image);
                            return image;
                        })
                .runSubscriptionOn(blocking);
    }

    /** Begins an execution, which runs from now on whatever happens. */
    public Uni<Execution> run(JobName job, RunOverrides overrides, JobCondition condition) {
        return Uni.createFrom()
                .deferred(() -> store.run(job, name(job), overrides::over, condition, now()));
    }

    /** A name for the next execution. */
    public ExecutionName name(JobName job) {
        StringBuilder suffix = new StringBuilder(SUFFIX_LENGTH);
        for (int i = 0; i < SUFFIX_LENGTH; i++) {
            suffix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return ExecutionName.of(job, suffix.toString());
    }

    /** As exact as PostgreSQL keeps it. */
    private Instant now() {
        return clock.now().truncatedTo(ChronoUnit.MICROS);
    }
}
