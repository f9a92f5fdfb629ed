-- What is billed of jobs, attempt by attempt: what an attempt's meter grew by in each hour, as in usage_hours.
create table usage_tasks (
    meter         uuid        not null,
    hour          timestamptz not null,
    project       text        not null,
    service       text        not null, -- under which the job is billed
    execution     text        not null,
    task          integer     not null, -- from 0
    attempt       integer     not null, -- from 0
    begun_at      timestamptz not null,
    ran_millis    bigint      not null, -- until what was told in that hour
    status        integer,              -- by which it ended in that hour, if it did by itself
    cpu_millis    integer     not null,
    memory_bytes  bigint      not null,
    billed_millis bigint      not null,
    primary key (meter, hour)
);

create index usage_tasks_by_service on usage_tasks (project, service, hour);
create index usage_tasks_by_hour on usage_tasks (hour);
