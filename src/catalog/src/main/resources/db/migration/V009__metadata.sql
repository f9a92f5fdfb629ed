-- Which state of which service it is, what people and tools say of services and revisions (labels and
-- annotations), and how many instances a service may have whatever its revisions say; no max is 0.

-- Services from before begin to be counted now, and had none of the rest.
alter table services
    add column uid           uuid    not null default gen_random_uuid(),
    add column generation    bigint  not null default 1,
    add column metadata      jsonb   not null default '{}',
    add column min_instances integer not null default 0,
    add column max_instances integer not null default 0;
alter table services
    alter column uid           drop default,
    alter column generation    drop default,
    alter column metadata      drop default,
    alter column min_instances drop default,
    alter column max_instances drop default;
alter table revisions add column metadata jsonb not null default '{}';
alter table revisions alter column metadata drop default;

-- Lists go from the newest to the oldest, in pages.
create index services_by_age on services (project, created_at desc, name);
