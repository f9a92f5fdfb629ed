package dev.hearth.contracts;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The admin API's paths and JSON bodies, shared by the gateway, which answers, and the CLI, which
 * asks. Every call carries {@code Authorization: Bearer TOKEN}, whose {@link Role} has to be enough
 * for it: GET needs a viewer, the rest a deployer, tokens, audit and shutdown an admin. Times are
 * ISO-8601, sizes and durations as the CLI writes them. A token of a project sees and changes what
 * is that project's; an admin names the project in {@link #PROJECT}.
 *
 * <pre>
 * GET    /api/v1/status                      Status
 * GET    /api/v1/services                    ServiceBody[]
 * POST   /api/v1/services          Deploy    ServiceBody, when requests see the new revision
 * GET    /api/v1/services/NAME               ServiceBody
 * DELETE /api/v1/services/NAME               204
 * POST   /api/v1/services/NAME/traffic   Traffic   ServiceBody, when requests go there
 * POST   /api/v1/services/NAME/budget?of=    ServiceBody; see Budget
 * POST   /api/v1/services/NAME/rollback      ServiceBody, the same
 * DELETE /api/v1/services/NAME/revisions/REVISION   204
 * POST   /api/v1/services/NAME/stop          204, when its instances are gone
 * GET    /api/v1/services/NAME/logs?cursor=&amp;most=   LogPage
 * GET    /api/v1/services/NAME/explain?at=    ExplainBody; the time is ISO-8601, now by default
 * GET    /api/v1/services/NAME/what-if?change=&amp;from=&amp;to=   WhatIfBody; see ScalingChange
 * GET    /api/v1/usage?service=&amp;from=&amp;to=&amp;by=   UsageBody; by service, revision, day or hour
 * GET    /api/v1/usage/items?service=&amp;from=&amp;to=&amp;most=   ItemsBody; of hours, as usage is
 * GET    /api/v1/budget                      BudgetBody, of all services together
 * POST   /api/v1/budget?of=                  BudgetBody; see Budget
 * GET    /api/v1/domains                     DomainBody[]
 * POST   /api/v1/domains/DOMAIN?service=     DomainBody, when its requests go to the service
 * DELETE /api/v1/domains/DOMAIN              204
 * GET    /api/v1/instances?service=          InstanceBody[]
 * GET    /api/v1/images                      ImagesBody
 * GET    /api/v1/images/sbom?image=          CycloneDX JSON
 * POST   /api/v1/images/prune                PrunedBody
 * GET    /api/v1/registry                    RegistryBody
 * GET    /api/v1/invoker-token               InvokerBody
 * GET    /api/v1/pulls                       PullBody[]
 * GET    /api/v1/quota                       QuotaBody
 * POST   /api/v1/quota             QuotaBody   QuotaBody
 * GET    /api/v1/secrets                     SecretBody[]
 * POST   /api/v1/secrets?name=    the value  SecretVersionBody
 * GET    /api/v1/secrets/NAME/versions       SecretVersionBody[]
 * POST   /api/v1/secrets/NAME/versions   the value   SecretVersionBody, the latest from now on
 * POST   /api/v1/secrets/NAME/versions/N/enable, …/disable, …/destroy   SecretVersionBody
 * DELETE /api/v1/secrets/NAME                204
 * POST   /api/v1/reseal-secrets              ResealedBody
 * GET    /api/v1/projects                    ProjectBody[]
 * POST   /api/v1/projects/PROJECT            ProjectBody
 * DELETE /api/v1/projects/PROJECT            204; see ProjectPort
 * GET    /api/v1/tokens                      TokenBody[]
 * POST   /api/v1/tokens            NewToken  CreatedToken
 * DELETE /api/v1/tokens/NAME                 204
 * GET    /api/v1/audit?project=&amp;who=&amp;kind=&amp;name=&amp;before=&amp;most=   AuditBody, newest first
 * POST   /api/v1/shutdown                    202, then the platform stops
 * </pre>
 *
 * Any failure is an {@link ErrorBody} with the kind's status.
 */
public final class AdminApi {
    public static final String BASE = "/api/v1";

    /** The header in which an admin says for which project a call is; the default one without. */
    public static final String PROJECT = "X-Hearth-Project";

    private AdminApi() {}

    /** Where the platform answers, and whether its parts are there. */
    public record Status(String version, String url, Map<String, String> parts) {}

    /** What {@code hearth deploy} sends; absent fields take the CLI's defaults. */
    public record Deploy(
            String name,
            String image,
            @Nullable List<String> command,
            @Nullable List<String> args,
            @Nullable Map<String, String> env,
            @Nullable Integer port,
            @Nullable Boolean http2,
            @Nullable String cpu,
            @Nullable String memory,
            @Nullable Integer concurrency,
            @Nullable Integer min,
            @Nullable Integer max,
            @Nullable String idle,
            @Nullable String timeout,
            @Nullable String egress,
            @Nullable Boolean sessionAffinity,
            @Nullable String rateLimit,
            @Nullable String clientRateLimit,
            @Nullable String cpuLimit,
            @Nullable String scaling,
            @Nullable Boolean traffic,
            @Nullable String tag,
            @Nullable String revisionSuffix,
            @Nullable String invokers,
            @Nullable List<String> secrets,
            @Nullable String billing,
            @Nullable String gradual,
            @Nullable String steps,
            @Nullable String startupProbe,
            @Nullable String livenessProbe) {
        /** An image with every default. */
        public static Deploy of(String name, String image) {
            return new Deploy(
                    name, image, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, null, null);
        }
    }

    /**
     * What {@code hearth traffic} sends.
     *
     * @param to shares, as REVISION=PERCENT; absent for those there are
     * @param tag tags to give, and the revision of each
     * @param untag tags to take away
     * @param gradual how long the requests take to move to the one revision in {@code to}; see
     *     RolloutPlan
     * @param steps in per cent, such as 1,5,25,50,100
     */
    public record Traffic(
            @Nullable List<String> to,
            @Nullable Map<String, String> tag,
            @Nullable List<String> untag,
            @Nullable String gradual,
            @Nullable String steps) {}

    /**
     * A service.
     *
     * @param revision that gets most of its requests
     * @param latest that was deployed last
     * @param budget of a month; see {@link Budget}
     * @param invokers who may call it: anyone, or token for whoever has the invoker token
     * @param instances running now
     * @param rollout that moves its requests, or the last one that did; null when there was none
     * @param domains that lead to it, beside its own host
     */
    public record ServiceBody(
            String name,
            String url,
            String revision,
            String latest,
            String invokers,
            String budget,
            int instances,
            List<TrafficBody> traffic,
            @Nullable RolloutBody rollout,
            List<String> domains,
            String createdAt,
            String updatedAt,
            List<RevisionBody> revisions) {}

    /**
     * A gradual rollout; see {@link GradualRollout}.
     *
     * @param phase running, done or stopped
     * @param percent the revision's share, or what it was when the rollout was stopped
     * @param duration of all steps
     * @param reason why it was stopped; null if it was not
     * @param movedAt when the last step was taken, or when it ended
     */
    public record RolloutBody(
            String revision,
            String phase,
            int percent,
            List<Integer> steps,
            String duration,
            @Nullable String reason,
            String begunAt,
            String movedAt) {}

    /**
     * A share of a service's requests, or a tag.
     *
     * @param revision by its name
     * @param latest whether it is the latest, whichever that is
     * @param url of the tag; null for a share
     */
    public record TrafficBody(
            String revision,
            boolean latest,
            int percent,
            @Nullable String tag,
            @Nullable String url) {}

    /**
     * A revision.
     *
     * @param startupProbe see {@link Probe}; null for the usual one
     * @param livenessProbe null for none
     */
    public record RevisionBody(
            String name,
            String image,
            String digest,
            List<String> command,
            List<String> args,
            Map<String, String> env,
            int port,
            boolean http2,
            String cpu,
            String memory,
            int concurrency,
            int min,
            int max,
            String idle,
            String timeout,
            String egress,
            boolean sessionAffinity,
            String rateLimit,
            String clientRateLimit,
            String cpuLimit,
            String scaling,
            List<String> secrets,
            String billing,
            @Nullable String startupProbe,
            @Nullable String livenessProbe,
            String createdAt) {}

    /** An instance; {@code inFlight} counts requests in it now. */
    public record InstanceBody(
            String id,
            String service,
            String revision,
            String state,
            String address,
            int pid,
            String startedAt,
            String cpu,
            String memoryInUse,
            int inFlight,
            String node) {}

    /**
     * Why a service had so many instances at a time.
     *
     * @param at that was asked about
     * @param decidedAt when what was in force then was decided
     * @param instances that were wanted
     * @param ready that there were
     * @param cpu of an instance with requests
     * @param idleCpu of one without
     * @param idleState of one without, on the warm ladder: ready, idle, frozen, paged
     * @param concurrency requests at a time, waiting ones too
     * @param perSecond requests that came
     * @param requestMillis that each took, waiting included; 0 when none was over
     * @param why in words
     * @param changes in the minutes before, oldest first
     */
    public record ExplainBody(
            String service,
            String revision,
            String at,
            String decidedAt,
            int instances,
            int ready,
            int starting,
            int queued,
            double concurrency,
            double perSecond,
            double requestMillis,
            String cpu,
            String idleCpu,
            String idleState,
            String scaling,
            String why,
            List<Change> changes) {
        /** Another number of instances, or another quota. */
        public record Change(String at, String revision, int instances, String cpu, String why) {}
    }

    /**
     * Recorded demand under the settings that were, and under others.
     *
     * @param samples of demand that were replayed
     */
    public record WhatIfBody(
            String service, String from, String to, int samples, Replayed was, Replayed wouldBe) {
        /**
         * See {@link ScalingPort.Outcome}.
         *
         * @param cost in dollars at the list prices of request-based billing
         */
        public record Replayed(
                int coldStarts,
                int starts,
                int mostInstances,
                double instanceSeconds,
                double busySeconds,
                double cost) {}
    }

    /**
     * What was used, and what it costs.
     *
     * @param from the beginning of an hour
     * @param lines by what was asked for
     */
    public record UsageBody(
            String from, String to, List<UsageLine> lines, UsageLine total, PricesBody prices) {}

    /**
     * A line of the bill; see {@link UsagePort.Line}.
     *
     * @param service empty in the total
     * @param billing see {@link Billing}; null in the total
     * @param vcpuSeconds of billed time
     * @param idleSeconds of idle instances of a minimum, at the idle prices
     * @param cost in the currency of the prices, exactly
     */
    public record UsageLine(
            String service,
            @Nullable String revision,
            @Nullable String begin,
            @Nullable String billing,
            long requests,
            BigDecimal billedSeconds,
            BigDecimal vcpuSeconds,
            BigDecimal gibSeconds,
            BigDecimal idleSeconds,
            BigDecimal idleVcpuSeconds,
            BigDecimal idleGibSeconds,
            long egressBytes,
            BigDecimal cost) {}

    /** What all services together may cost in a month; see {@link Budget}. */
    public record BudgetBody(String budget) {
        public static BudgetBody of(Budget budget) {
            return new BudgetBody(budget.toString());
        }
    }

    /**
     * The bill of a service, request by request. What is listed, what is left out and what is not
     * itemised add up to {@code bill}, exactly.
     *
     * @param from the beginning of an hour
     * @param items in the order of time
     * @param leftOut those beyond the number that was asked for, together; null for none
     * @param notItemised of what is on the bill: older than items are kept, of gateways that do not
     *     answer, or lost; negative for items that are not on the bill yet
     * @param bill as {@code hearth usage} has it
     */
    public record ItemsBody(
            String from,
            String to,
            List<ItemBody> items,
            @Nullable ItemBody leftOut,
            ItemBody notItemised,
            ItemBody bill) {}

    /**
     * A request, an attempt at a job's task, time of an instance that is no request's (starting,
     * stopping, cut off, idle in a minimum, or without requests where instances are billed), or a
     * sum.
     *
     * @param kind request, task, instance or sum
     * @param revision of an attempt its execution
     * @param instance of an attempt its name
     * @param begin null for a sum
     * @param seconds that a request, or an attempt, took
     * @param status of a request's answer; that an attempt ended by itself with
     * @param requests 1 for one that ended in that time
     * @param billedNanos its share of what its instance is billed for
     * @param cost in the currency of the prices, exactly
     */
    public record ItemBody(
            String kind,
            @Nullable String revision,
            @Nullable String instance,
            @Nullable String begin,
            @Nullable Double seconds,
            @Nullable Integer status,
            long requests,
            long billedNanos,
            long idleNanos,
            long egressBytes,
            BigDecimal cost) {}

    /** See {@link Prices}. */
    public record PricesBody(
            double vcpuSecond,
            double gibSecond,
            double millionRequests,
            double egressGib,
            double idleVcpuSecond,
            double idleGibSecond,
            double instanceVcpuSecond,
            double instanceGibSecond) {
        public static PricesBody of(Prices p) {
            return new PricesBody(
                    p.vcpuSecond(),
                    p.gibSecond(),
                    p.millionRequests(),
                    p.egressGib(),
                    p.idle().vcpuSecond(),
                    p.idle().gibSecond(),
                    p.instance().vcpuSecond(),
                    p.instance().gibSecond());
        }
    }

    /**
     * A domain that leads to a service.
     *
     * @param url of the service under it
     */
    public record DomainBody(String domain, String service, String url, String createdAt) {}

    /** See {@link ImageAdminPort.ImagesView}. */
    public record ImagesBody(
            List<ImageBody> images, long layerBytes, long registryBytes, long budgetBytes) {}

    /** See {@link ImageAdminPort.ImageView}; {@code services} have a revision of it. */
    public record ImageBody(
            String digest,
            List<String> references,
            long bytes,
            long sharedBytes,
            String lastUsed,
            boolean running,
            List<String> services) {}

    /**
     * Where images are pushed to, and the password for it; any user name goes.
     *
     * @param repositories what the project's repositories begin with; empty for the default one's,
     *     null from a release before there were several
     */
    public record RegistryBody(String host, String token, @Nullable String repositories) {}

    /** What callers of the project's private services show. */
    public record InvokerBody(String token) {}

    /** See {@link ImageAdminPort.Pruned}. */
    public record PrunedBody(int images, long bytes) {}

    /** See {@link ImageAdminPort.PullView}. */
    public record PullBody(
            String reference, long bytes, long totalBytes, int layers, int totalLayers) {
        public static PullBody of(ImageAdminPort.PullView view) {
            return new PullBody(
                    view.reference(),
                    view.bytes(),
                    view.totalBytes(),
                    view.layers(),
                    view.totalLayers());
        }
    }

    /**
     * What {@code hearth tokens create} sends.
     *
     * @param role see {@link Role}
     * @param project that it is of; absent for the one that the call is for
     * @param expires after how long, such as 24h; absent for never
     */
    public record NewToken(
            String name, String role, @Nullable String project, @Nullable String expires) {}

    /** See {@link ProjectPort.Project}. */
    public record ProjectBody(String name, String createdAt) {}

    /** See {@link ApiToken}; {@code expiresAt} is null for never. */
    public record TokenBody(
            String name,
            String project,
            String role,
            String createdAt,
            @Nullable String expiresAt,
            boolean expired) {}

    /** The one time that a token is told. */
    public record CreatedToken(TokenBody about, String token) {}

    /**
     * A page of the audit log.
     *
     * @param next for {@code before=} of the next page; null at the end
     */
    public record AuditBody(List<AuditEntry> entries, @Nullable Long next) {}

    /** See {@link AuditPort.Entry}; {@code before} and {@code after} are JSON. */
    public record AuditEntry(
            long id,
            String at,
            String project,
            String who,
            String action,
            String kind,
            String name,
            @Nullable Object before,
            @Nullable Object after) {}

    /**
     * See {@link Quota}: numbers, as CPU and sizes are written, or none; absent for what stays as
     * it is.
     *
     * @param used what there is now; in answers only, and passed over where it is sent
     */
    public record QuotaBody(
            @Nullable String services,
            @Nullable String instances,
            @Nullable String cpu,
            @Nullable String memory,
            @Nullable String storage,
            @Nullable QuotaUse used) {}

    /** What a project has of what its quota bounds, in the same words. */
    public record QuotaUse(
            String services, String instances, String cpu, String memory, String storage) {}

    /** See {@link SecretPort.Secret}. */
    public record SecretBody(String name, int latest, String createdAt) {}

    /** See {@link SecretPort.Version}. */
    public record SecretVersionBody(
            String name, int version, String state, String keyId, String createdAt) {}

    /** How many versions are encrypted with another key than before. */
    public record ResealedBody(int versions) {}

    public record ErrorBody(Error error) {
        /** See {@link HearthException}. */
        public record Error(String kind, String reason, String message, List<String> details) {}

        public static ErrorBody of(HearthException e) {
            return new ErrorBody(new Error(e.kind().name(), e.reason(), e.sentence(), e.details()));
        }
    }
}
