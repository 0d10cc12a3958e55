-- Calls, what was found in them, who they belong to, and the work that is still to be done.
-- Times are UTC. Scores and means are kept as integers (hundredths, ten-thousandths) where they are summed, so that sums are exact.

CREATE TABLE teams (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    -- In lower case; what a person logs in with.
    email TEXT UNIQUE,
    -- rep, manager, coach, admin
    role TEXT NOT NULL,
    team_id BLOB REFERENCES teams (id),
    active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at TEXT NOT NULL
);
CREATE INDEX users_name ON users (lower(name));

CREATE TABLE calls (
    id BLOB PRIMARY KEY,
    -- Where it came from: file, …
    source TEXT NOT NULL,
    -- SHA-256 of the file in hexadecimal: the same file is one call.
    source_hash TEXT NOT NULL UNIQUE,
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    external_id TEXT,
    title TEXT,
    language TEXT,
    customer TEXT,
    rep_id BLOB REFERENCES users (id),
    started_at TEXT,
    imported_at TEXT NOT NULL,
    duration_ms BIGINT,
    separate_channels BOOLEAN NOT NULL,
    -- needs_sides, queued, analysed, failed
    status TEXT NOT NULL,
    warnings TEXT NOT NULL,
    -- How many values of each kind were redacted.
    redactions TEXT NOT NULL,
    -- The file as it was kept, in the blob store.
    original_key TEXT NOT NULL,
    original_bytes BIGINT NOT NULL,
    -- The latest coaching session.
    session_id BLOB,
    overall_score DOUBLE PRECISION,
    analysed_at TEXT
);
CREATE INDEX calls_imported ON calls (imported_at DESC, id DESC);
CREATE INDEX calls_rep ON calls (rep_id, imported_at DESC);
CREATE INDEX calls_status ON calls (status, imported_at DESC);
CREATE INDEX calls_external ON calls (external_id);

CREATE TABLE participants (
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- What segments refer to, from 0.
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- internal, external, or unknown
    side TEXT,
    email TEXT,
    title TEXT,
    external_id TEXT,
    PRIMARY KEY (call_id, position)
);

CREATE TABLE segments (
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- What evidence refers to, from 1.
    id INTEGER NOT NULL,
    speaker INTEGER,
    start_ms BIGINT,
    end_ms BIGINT,
    text TEXT NOT NULL,
    estimated BOOLEAN NOT NULL,
    -- The transcriber's, in thousandths.
    confidence INTEGER,
    topic TEXT,
    PRIMARY KEY (call_id, id)
) WITHOUT ROWID;

CREATE TABLE metrics (
    call_id BLOB PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    metrics TEXT NOT NULL,
    trackers TEXT NOT NULL,
    computed_at TEXT NOT NULL
);

CREATE TABLE rubrics (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The rubric as it was when it judged.
    document TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id, version)
);

-- All dimensions of one call, judged at one time.
CREATE TABLE coaching_sessions (
    id BLOB NOT NULL,
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    rubric_id TEXT NOT NULL,
    rubric_version INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    -- SHA-256 of transcript, sides and rubric: the same input need not be judged again.
    input_hash TEXT NOT NULL,
    overall_score DOUBLE PRECISION,
    overall_note TEXT,
    summary TEXT NOT NULL,
    key_themes TEXT NOT NULL,
    flags TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX coaching_sessions_call ON coaching_sessions (call_id, finished_at);

-- One dimension of one call.
CREATE TABLE analyses (
    id BLOB PRIMARY KEY,
    session_id BLOB NOT NULL,
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    dimension TEXT NOT NULL,
    title TEXT NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    score DOUBLE PRECISION,
    coverage DOUBLE PRECISION,
    level INTEGER,
    note TEXT,
    checks TEXT NOT NULL,
    rubric_id TEXT NOT NULL,
    rubric_version INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL
);
CREATE INDEX analyses_call ON analyses (call_id);
CREATE INDEX analyses_session ON analyses (session_id, position);

-- Sums per rep and week, kept up to date with every analysis.
CREATE TABLE rollups (
    rep_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The Monday, as YYYY-MM-DD.
    week TEXT NOT NULL,
    -- calls, overall, dimension:ID, talk_share, sentiment
    measure TEXT NOT NULL,
    n BIGINT NOT NULL,
    -- In ten-thousandths.
    total BIGINT NOT NULL,
    PRIMARY KEY (rep_id, week, measure)
) WITHOUT ROWID;

CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- Higher ones first.
    priority INTEGER NOT NULL,
    -- No two unfinished jobs have the same.
    unique_key TEXT,
    -- queued, running, done, dead, cancelled
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    run_at TEXT NOT NULL,
    lease_token BLOB,
    lease_until TEXT,
    worker TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT
);
CREATE INDEX jobs_claim ON jobs (priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_state ON jobs (state, created_at DESC);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE state IN ('queued', 'running');

CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- Five fields, read in the time zone.
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    next_at TEXT NOT NULL,
    last_at TEXT
);

-- Who did what; rows are only added.
CREATE TABLE audit_events (
    id BLOB PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_events_at ON audit_events (at DESC);
