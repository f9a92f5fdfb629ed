-- How gateways hear of what another one has changed: the service's name on a channel, when it is committed; and a
-- number that has moved, for who was not connected then.
create sequence service_changes;

create function tell_of_service() returns trigger language plpgsql as $$
begin
    perform nextval('service_changes');
    perform pg_notify('hearth_services', coalesce(new.name, old.name));
    return null;
end
$$;

create trigger services_changed after insert or update or delete on services
    for each row execute function tell_of_service();
