-- Where instances may open connections to: none, internet, all, or networks with commas between.

-- Revisions from before could open none, and a revision never changes: deploying again gives the default.
alter table revisions add column egress text not null default 'none';
alter table revisions alter column egress drop default;
