package dev.hearth.gateway.usage;

import dev.hearth.contracts.RevisionSpec;

/** Where revisions get their meters, and leave them. */
public interface Metering {
    /** Counts what nobody reads. */
    Metering UNREAD =
            new Metering() {
                @Override
                public Meter begin(RevisionSpec revision) {
                    return Meter.unread(revision);
                }

                @Override
                public void end(Meter meter) {}
            };

    /** A count of a revision, at zero. */
    Meter begin(RevisionSpec revision);

    /** Nothing more is counted on a meter. */
    void end(Meter meter);
}
