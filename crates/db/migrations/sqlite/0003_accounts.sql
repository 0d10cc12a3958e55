-- People who log in, who may see whose calls, and what the interface over HTTP has to remember.

-- What a person logs in with beside the mail address, in lower case; NULL for reps that only calls have named.
ALTER TABLE users ADD COLUMN username TEXT;
-- Argon2id in PHC form; NULL for somebody who cannot log in with a password.
ALTER TABLE users ADD COLUMN password_hash TEXT;
-- The address somebody registered with and nobody has confirmed: calls are not theirs by it.
ALTER TABLE users ADD COLUMN unconfirmed_email TEXT;
-- Whether calls that name somebody so are theirs: not by a name that they gave themselves.
ALTER TABLE users ADD COLUMN name_confirmed BOOLEAN NOT NULL DEFAULT TRUE;
CREATE UNIQUE INDEX users_username ON users (username);

-- Attempts to log in that were wrong, also for names that nobody has, so that names are not told apart.
CREATE TABLE login_attempts (
    -- SHA-256 of the name or id that was tried, in hexadecimal.
    who TEXT NOT NULL,
    -- From which address; empty for all together.
    address TEXT NOT NULL,
    -- How many since the last right one.
    failed INTEGER NOT NULL,
    -- When the last one was.
    last_at TEXT NOT NULL,
    -- Until when no password is tried.
    locked_until TEXT,
    PRIMARY KEY (who, address)
);
CREATE INDEX login_attempts_last ON login_attempts (last_at);

-- Who belongs to which teams: reps whose calls they are, managers who see them.
CREATE TABLE memberships (
    -- The team.
    team_id BLOB NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    -- The member.
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (team_id, user_id)
) WITHOUT ROWID;
CREATE INDEX memberships_user ON memberships (user_id);
INSERT INTO memberships (team_id, user_id, created_at) SELECT team_id, id, created_at FROM users WHERE team_id IS NOT NULL;

-- Whose calls a coach sees.
CREATE TABLE coach_assignments (
    -- The coach.
    coach_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The rep.
    rep_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (coach_id, rep_id)
) WITHOUT ROWID;
CREATE INDEX coach_assignments_rep ON coach_assignments (rep_id);

-- Logins: one row for each, however often its tokens are refreshed.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    -- Whose.
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    -- When its tokens were refreshed last.
    last_used_at TEXT NOT NULL,
    -- When it ends if it is not refreshed.
    expires_at TEXT NOT NULL,
    -- When it was ended.
    revoked_at TEXT,
    -- What program it was, as it says.
    user_agent TEXT,
    -- From which address.
    address TEXT
);
CREATE INDEX sessions_user ON sessions (user_id, created_at);

-- Refresh tokens of sessions, also those that were used: who shows one again has stolen it, or was stolen from.
CREATE TABLE refresh_tokens (
    -- SHA-256 in hexadecimal; the token itself is not kept.
    hash TEXT PRIMARY KEY,
    -- Its session.
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- When it was given out.
    issued_at TEXT NOT NULL,
    -- When it was exchanged for the next one.
    used_at TEXT
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- Invitations to register.
CREATE TABLE invitations (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL,
    -- What the person may do then: rep, manager, coach, admin.
    role TEXT NOT NULL,
    -- The team they join, if any.
    team_id BLOB REFERENCES teams (id) ON DELETE SET NULL,
    -- SHA-256 of the token in the link.
    token_hash TEXT NOT NULL UNIQUE,
    -- Who invited.
    created_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    -- Until when it can be used.
    expires_at TEXT NOT NULL,
    -- When it was used.
    used_at TEXT
);

-- Keys that the program makes for itself, shared by all instances.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    -- In the alphabet of Base64 for addresses.
    value TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;

-- Settings that admins change while the program runs.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    -- As JSON.
    value TEXT NOT NULL,
    -- When it was changed.
    updated_at TEXT NOT NULL,
    -- By whom.
    updated_by BLOB REFERENCES users (id) ON DELETE SET NULL
) WITHOUT ROWID;

-- Answers to requests that carried an Idempotency-Key, to be given again.
CREATE TABLE idempotency_keys (
    -- Whose key.
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The key, as the client chose it.
    name TEXT NOT NULL,
    -- SHA-256 of method, path and body.
    fingerprint TEXT NOT NULL,
    -- HTTP status of the answer; NULL while it is being made.
    status INTEGER,
    -- Media type of the answer.
    content_type TEXT,
    -- Where what was made is.
    location TEXT,
    -- The answer.
    body BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- What listeners are told, in order.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- When.
    at TEXT NOT NULL,
    -- call.status, call.score, call.deleted
    kind TEXT NOT NULL,
    -- Which call it is about.
    call_id BLOB NOT NULL,
    -- Whose call, for who may be told.
    rep_id BLOB,
    -- More about it, as JSON.
    detail TEXT NOT NULL,
    -- PostgreSQL orders by its transactions; here there is one writer.
    tx INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX events_at ON events (at);
