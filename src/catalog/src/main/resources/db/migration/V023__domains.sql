-- Host names of services' own. Each leads to one service, which the key sees to; services.domains says the same once
-- more ({"names": [...]}, or nothing), so that a service is read as a whole.
create table domains (
    name       text        primary key,
    project    text        not null,
    service    text        not null,
    created_at timestamptz not null,
    foreign key (project, service) references services (project, name) on delete cascade
);
create index domains_by_service on domains (project, service);
alter table services add column domains jsonb;
