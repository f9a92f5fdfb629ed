-- Values that only instances are told. Each version is encrypted: nonce, ciphertext and tag of AES-256-GCM, with the
-- key of that id; both are gone when it is destroyed.
create table secrets (
    project      text        not null,
    name         text        not null,
    last_version integer     not null,
    created_at   timestamptz not null,
    primary key (project, name)
);

create table secret_versions (
    project    text        not null,
    name       text        not null,
    version    integer     not null,
    state      text        not null,
    key_id     text,
    sealed     bytea,
    created_at timestamptz not null,
    primary key (project, name, version),
    foreign key (project, name) references secrets (project, name) on delete cascade
);

create trigger secrets_audited after insert or update or delete on secrets
    for each row execute function audit_row('secret', 'last_version');
create trigger secret_versions_audited after insert or update or delete on secret_versions
    for each row when (pg_trigger_depth() = 0) execute function audit_row('secret version', 'sealed', 'key_id');
