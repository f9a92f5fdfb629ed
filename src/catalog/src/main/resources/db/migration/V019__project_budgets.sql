-- What all services of a project together may cost in a calendar month; see services.budget. One without a row
-- has none. Its name is for the audit log.
create table project_budgets (
    project text primary key,
    name    text not null generated always as (project) stored,
    budget  text not null
);

create trigger project_budgets_audited after insert or update or delete on project_budgets
    for each row execute function audit_row('project-budget');
