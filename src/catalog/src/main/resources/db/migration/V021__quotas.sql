-- The most that a project may have; 0 for no limit.
create table quotas (
    project      text    primary key,
    name         text    generated always as (project) stored, -- as the audit log calls it
    services     integer not null default 0,
    instances    integer not null default 0,
    cpu_millis   bigint  not null default 0,
    memory_bytes bigint  not null default 0
);
insert into quotas (project) values ('default');

create trigger quotas_audited after update on quotas
    for each row execute function audit_row('quota');
