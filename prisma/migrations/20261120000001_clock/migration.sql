-- The clock of every rule (docs/architecture.md, "Time"). It moves during a transaction, so a use case that waited for
-- a row lock reads the time after the wait. Only the sandbox and the tests replace it, as the owner of the database;
-- there is no setting that an application could make.
create function breakglass_now() returns timestamptz
  language sql volatile parallel safe
  as 'select pg_catalog.clock_timestamp()';
