-- Who may call a service: anyone, or token for whoever has the project's invoker token.
alter table services add column invokers text not null default 'anyone';
alter table services alter column invokers drop default;
