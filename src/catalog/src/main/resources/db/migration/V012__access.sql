-- Who may ask for what. Tokens are kept as the SHA-256 of their 256 random bits, in hexadecimal.
create table tokens (
    name       text        primary key,
    project    text        not null,
    role       text        not null,
    digest     text        not null unique,
    created_at timestamptz not null,
    expires_at timestamptz
);

-- Who changed what. Written by the transaction that makes the change, so that neither is there without the other.
create table audit (
    id      bigint      generated always as identity primary key,
    at      timestamptz not null default now(),
    project text        not null,
    who     text        not null,
    action  text        not null,
    kind    text        not null,
    name    text        not null,
    before  jsonb,
    after   jsonb
);
create index audit_by_age on audit (at);

-- Its arguments: what a row is called, then the columns that are never told: secret ones, and those that count.
-- Of an update only what it changed is told, and one that changed nothing else is passed over.
create function audit_row() returns trigger language plpgsql as $$
declare
    hidden text[] := tg_argv[1:];
    was    jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) - hidden end;
    became jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) - hidden end;
    told   jsonb := was;
    most   constant integer := 32768; -- characters of either
begin
    if tg_op = 'UPDATE' then
        if was = became then
            return null;
        end if;
        told := (select jsonb_object_agg(key, value) from jsonb_each(was) where value is distinct from became -> key);
        became := (select jsonb_object_agg(key, value) from jsonb_each(became) where value is distinct from was -> key);
    end if;
    insert into audit (project, who, action, kind, name, before, after) values (
        coalesce(new.project, old.project),
        coalesce(nullif(current_setting('hearth.caller', true), ''), 'platform'),
        case tg_op when 'INSERT' then 'create' when 'UPDATE' then 'change' else 'delete' end,
        tg_argv[0],
        coalesce(new.name, old.name),
        case when length(told::text) > most then jsonb_build_object('omitted', length(told::text)) else told end,
        case when length(became::text) > most then jsonb_build_object('omitted', length(became::text)) else became end);
    return null;
end
$$;

create trigger services_audited after insert or update or delete on services
    for each row execute function audit_row('service', 'last_number', 'generation', 'updated_at');
-- not those that go with their service
create trigger revisions_audited after insert or delete on revisions
    for each row when (pg_trigger_depth() = 0) execute function audit_row('revision');
create trigger tokens_audited after insert or update or delete on tokens
    for each row execute function audit_row('token', 'digest');
