-- CPU that instances may have beyond their own while the node has it to spare, and the knobs of scaling as
-- they are written: default, target=50,window=30s.

-- Revisions from before had no more than their own, and the defaults.
alter table revisions
    add column cpu_limit_millis integer,
    add column scaling_rules    text not null default 'default';
update revisions set cpu_limit_millis = cpu_millis;
alter table revisions
    alter column cpu_limit_millis set not null,
    alter column scaling_rules    drop default;
