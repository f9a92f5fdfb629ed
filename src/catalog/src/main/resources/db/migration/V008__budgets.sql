-- What a service may cost in a calendar month: none, 25, or 0.50,stop.
alter table services add column budget text not null default 'none';
alter table services alter column budget drop default;
