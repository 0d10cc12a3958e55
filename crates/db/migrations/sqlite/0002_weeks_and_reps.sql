-- What later rules need: sides that change while a call is judged, whose call it is, weeks in the zone of the installation; and indexes for
-- the ways in which 100,000 calls and their jobs are looked for.

-- Whether a person said whose call it is; otherwise it follows from the sides.
ALTER TABLE calls ADD COLUMN rep_named BOOLEAN NOT NULL DEFAULT FALSE;
-- The Monday of the week in which the call began, else came in, as YYYY-MM-DD in the time zone of the installation.
ALTER TABLE calls ADD COLUMN week TEXT NOT NULL DEFAULT '';
UPDATE calls SET week = date(substr(coalesce(started_at, imported_at), 1, 10), '-6 days', 'weekday 1');
-- The name in lower case and with single spaces: SQLite and some locales of PostgreSQL fold ASCII only.
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE users SET name_key = lower(name);
DROP INDEX users_name;
CREATE INDEX users_name_key ON users (name_key);
CREATE INDEX users_team ON users (team_id);
CREATE INDEX calls_customer ON calls (lower(customer), imported_at DESC, id DESC);
CREATE INDEX jobs_created ON jobs (created_at DESC, id DESC);
CREATE INDEX jobs_key ON jobs (unique_key, created_at);
CREATE INDEX jobs_finished ON jobs (finished_at);
