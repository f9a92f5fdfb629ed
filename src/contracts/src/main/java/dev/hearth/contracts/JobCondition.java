package dev.hearth.contracts;

import java.util.Optional;

/**
 * What has to be so for a job to be changed.
 *
 * @param absent whether there must be none of its name
 * @param etag of the job that was seen; empty for no condition
 */
public record JobCondition(boolean absent, String etag) {
    /** Nothing. */
    public static final JobCondition ANY = new JobCondition(false, "");

    /** That there is none of its name. */
    public static final JobCondition ABSENT = new JobCondition(true, "");

    /** That nobody changed it since; an empty etag is no condition. */
    public static JobCondition unchanged(String etag) {
        return new JobCondition(false, etag);
    }

    /**
     * Throws CONFLICT {@code job-exists}, {@code job-changed} when it is not so.
     *
     * @param now empty when there is no such job
     */
    public void check(JobName job, Optional<ServiceVersion> now) {
        if (absent && now.isPresent()) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "job-exists",
                    "there is a job \"" + job + "\" already; choose another name");
        }
        if (!etag.isEmpty() && !now.map(ServiceVersion::etag).orElse("").equals(etag)) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "job-changed",
                    "job \""
                            + job
                            + "\" was changed by somebody else meanwhile; read it again, and change"
                            + " what you read");
        }
    }
}
