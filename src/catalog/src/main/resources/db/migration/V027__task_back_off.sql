-- When a task that failed may be tried again; null for at once.
alter table tasks add column not_before timestamptz;
