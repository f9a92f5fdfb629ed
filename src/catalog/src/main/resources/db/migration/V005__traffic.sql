-- Who gets a service's requests: {"targets": [...]} of {"revision": NAME, "percent": N, "tag": TAG}; without a
-- revision the latest one is meant, without a tag there is none. Percentages add up to 100.

-- Until now the newest revision that worked had all of them.
alter table services rename column serving_number to latest_number;
alter table services add column traffic jsonb not null default '{"targets": [{"percent": 100}]}';
alter table services alter column traffic drop default;
