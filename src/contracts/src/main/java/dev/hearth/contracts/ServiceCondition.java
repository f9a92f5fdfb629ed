package dev.hearth.contracts;

import java.util.Optional;

/** What has to be so for a service to be changed. */
public sealed interface ServiceCondition {
    /** Nothing. */
    ServiceCondition ANY = new Any();

    /** That there is none of its name. */
    ServiceCondition ABSENT = new Absent();

    /** That nobody changed it since; an empty etag is no condition. */
    static ServiceCondition unchanged(String etag) {
        return etag.isEmpty() ? ANY : new Unchanged(etag);
    }

    /**
     * Throws CONFLICT {@code service-exists}, {@code service-changed} when it is not so.
     *
     * @param now empty when there is no such service
     */
    void check(ServiceName service, Optional<ServiceVersion> now);

    /** See {@link #ANY}. */
    record Any() implements ServiceCondition {
        @Override
        public void check(ServiceName service, Optional<ServiceVersion> now) {}
    }

    /** See {@link #ABSENT}. */
    record Absent() implements ServiceCondition {
        @Override
        public void check(ServiceName service, Optional<ServiceVersion> now) {
            if (now.isPresent()) {
                throw new HearthException(
                        ErrorKind.CONFLICT,
                        "service-exists",
                        "there is a service \"" + service + "\" already; choose another name");
            }
        }
    }

    /** See {@link #unchanged}. */
    record Unchanged(String etag) implements ServiceCondition {
        @Override
        public void check(ServiceName service, Optional<ServiceVersion> now) {
            if (!now.map(ServiceVersion::etag).orElse("").equals(etag)) {
                throw new HearthException(
                        ErrorKind.CONFLICT,
                        "service-changed",
                        "service \""
                                + service
                                + "\" was changed by somebody else meanwhile; read it again, and"
                                + " change what you read");
            }
        }
    }
}
