-- What is deployed. A project owns services; a service owns numbered revisions, one of which serves.
-- Later versions add to this: traffic splits and tags as rows that point at (project, service, number).

create table services (
    project        text        not null default 'default',
    name           text        not null,
    last_number    integer     not null check (last_number > 0),
    serving_number integer     not null,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    primary key (project, name)
);

-- Never updated: a change of a service is a new revision.
create table revisions (
    name           text        primary key,
    project        text        not null default 'default',
    service        text        not null,
    number         integer     not null check (number > 0),
    image          text        not null,
    digest         text        not null,
    container      jsonb       not null, -- command, args, env, port; later probes, volumes, user
    cpu_millis     integer     not null,
    memory_bytes   bigint      not null,
    concurrency    integer     not null,
    min_instances  integer     not null,
    max_instances  integer     not null,
    idle_millis    bigint      not null,
    timeout_millis bigint      not null,
    created_at     timestamptz not null,
    unique (project, service, number),
    foreign key (project, service) references services (project, name) on delete cascade
);

-- The serving revision cannot be pruned. Deferred, since service and first revision come together.
alter table services
    add foreign key (project, name, serving_number)
        references revisions (project, service, number)
        deferrable initially deferred;
