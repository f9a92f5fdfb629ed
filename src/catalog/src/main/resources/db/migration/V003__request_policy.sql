-- Session affinity by a cookie, and rate limits as they are written: none, 100/s, 30/m,burst=5.

-- Revisions from before had neither.
alter table revisions
    add column session_affinity  boolean not null default false,
    add column rate_limit        text    not null default 'none',
    add column client_rate_limit text    not null default 'none';
alter table revisions
    alter column session_affinity  drop default,
    alter column rate_limit        drop default,
    alter column client_rate_limit drop default;
