-- What of its instances' time a revision pays for: request, or instance for all of it; and the time that idle
-- instances of a minimum were billed for.

-- What is new has a default that stays: while a platform of many processes is upgraded, the release before writes too.
-- Revisions from before were billed by requests, and their minimum instances were free while they were idle.
alter table revisions add column billing text not null default 'request';

alter table usage_meters add column idle_millis bigint not null default 0;
alter table usage_hours
    add column billing     text   not null default 'request',
    add column idle_millis bigint not null default 0;
