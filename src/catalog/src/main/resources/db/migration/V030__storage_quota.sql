-- Octets that a project's repositories in the platform's registry may have; 0 for no limit.
alter table quotas add column storage_bytes bigint not null default 0;
