-- How far a service's requests have moved to a revision: {"id", "revision", "before": {"targets"}, "steps",
-- "step", "phase", …}, of the rollout that runs, or of the last one. Who gets the requests now is in traffic.
alter table services add column rollout jsonb;
