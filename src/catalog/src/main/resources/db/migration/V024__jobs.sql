-- What runs to its end: jobs, their executions, and each execution's tasks. What is written of a task is on
-- condition that it is as it was seen, so that nothing is done twice, whoever does it.

create table jobs (
    project    text        not null default 'default',
    name       text        not null,
    uid        uuid        not null,
    generation bigint      not null,
    metadata   jsonb       not null, -- labels, annotations
    template   jsonb       not null, -- what its next execution runs
    schedule   text        not null, -- five fields of cron, or empty
    zone       text        not null, -- of these
    next_run   timestamptz,          -- by its schedule
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (project, name)
);

create index jobs_by_next_run on jobs (next_run) where next_run is not null;

create table executions (
    name          text        primary key,
    project       text        not null default 'default',
    job           text        not null,
    uid           uuid        not null,
    template      jsonb       not null, -- as it was when it began
    state         text        not null, -- running, cancelling, succeeded, failed, cancelled
    message       text        not null,
    succeeded     integer     not null, -- tasks, once it is over; 0 until then
    failed        integer     not null,
    cancelled     integer     not null,
    retried       integer     not null,
    scheduled_for timestamptz,
    created_at    timestamptz not null,
    started_at    timestamptz,
    completed_at  timestamptz,
    owner         text        not null, -- the gateway that sees to it, or empty
    owned_until   timestamptz not null, -- by the database's clock; it is nobody's after that
    foreign key (project, job) references jobs (project, name) on delete cascade,
    unique (project, job, scheduled_for)
);

create index executions_by_age on executions (project, job, created_at desc, name);
create index executions_to_run on executions (owner, created_at) where completed_at is null;

create table tasks (
    execution    text        not null references executions (name) on delete cascade,
    index        integer     not null,
    state        text        not null, -- waiting, running, succeeded, failed, cancelled
    attempt      integer     not null, -- that runs, or is next, or was the last; from 0
    node         text        not null, -- of that attempt
    instance     text        not null, -- of the last one that began
    started_at   timestamptz,
    completed_at timestamptz,
    exit_code    integer,
    message      text        not null,
    primary key (execution, index)
);

create index tasks_to_run on tasks (execution, index) where state in ('waiting', 'running');

-- Who changed what; of executions that they began, were cancelled or deleted. Each one's next run only counts.
create trigger jobs_audited after insert or update or delete on jobs
    for each row execute function audit_row('job', 'generation', 'updated_at', 'next_run');
create trigger executions_begun after insert on executions
    for each row execute function audit_row('execution', 'template', 'owner', 'owned_until');
create trigger executions_cancelled after update on executions
    for each row when (new.state = 'cancelling' and old.state <> 'cancelling')
    execute function audit_row('execution', 'template', 'owner', 'owned_until');
-- not those that go with their job
create trigger executions_deleted after delete on executions
    for each row when (pg_trigger_depth() = 0)
    execute function audit_row('execution', 'template', 'owner', 'owned_until');
