-- What is billed. A meter is one gateway's count of one revision since some time; its counts only grow, and
-- the last of them that was seen is kept, so that a record that comes twice, late or not at all changes
-- no total. What a meter grew by is added to the hour of the record that told it.

-- Usage outlives what it is of: there are no references to services or revisions.
create table usage_meters (
    meter         uuid        primary key,
    sequence      bigint      not null,
    requests      bigint      not null,
    billed_millis bigint      not null,
    egress_bytes  bigint      not null,
    seen_at       timestamptz not null
);

create table usage_hours (
    project       text        not null,
    service       text        not null,
    revision      text        not null,
    hour          timestamptz not null,
    cpu_millis    integer     not null,
    memory_bytes  bigint      not null,
    requests      bigint      not null,
    billed_millis bigint      not null,
    egress_bytes  bigint      not null,
    primary key (project, hour, service, revision)
);
