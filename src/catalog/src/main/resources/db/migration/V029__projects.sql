-- Who owns what. Services, jobs, secrets and tokens are of a project that is there; what a project may have and may
-- cost goes with it, as its tokens do. A name is given once: usage and the audit log keep it for good.
create table projects (
    name       text        primary key,
    project    text        not null generated always as (name) stored, -- as the audit log wants it
    created_at timestamptz not null default now()
);
insert into projects (name) values ('default');

create table former_projects (
    name text primary key
);

create trigger projects_audited after insert or update or delete on projects
    for each row execute function audit_row('project');

alter table services add foreign key (project) references projects (name);
alter table jobs add foreign key (project) references projects (name);
alter table secrets add foreign key (project) references projects (name);
alter table tokens add foreign key (project) references projects (name) on delete cascade;
alter table quotas add foreign key (project) references projects (name) on delete cascade;
alter table project_budgets add foreign key (project) references projects (name) on delete cascade;

-- A service of another project than the default one is told of by its qualified name.
create or replace function tell_of_service() returns trigger language plpgsql as $$
declare
    project text := coalesce(new.project, old.project);
begin
    perform nextval('service_changes');
    perform pg_notify('hearth_services',
        coalesce(new.name, old.name) || case project when 'default' then '' else '.' || project end);
    return null;
end
$$;
