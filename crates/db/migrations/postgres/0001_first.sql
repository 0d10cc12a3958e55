-- Calls, what was found in them, who they belong to, and the work that is still to be done.
-- Times are UTC. Scores and means are kept as integers (hundredths, ten-thousandths) where they are summed, so that sums are exact.

CREATE TABLE teams (
    id uuid PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    name TEXT NOT NULL,
    -- In lower case; what a person logs in with.
    email TEXT UNIQUE,
    -- rep, manager, coach, admin
    role TEXT NOT NULL,
    team_id uuid REFERENCES teams (id),
    active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at timestamptz NOT NULL
);
CREATE INDEX users_name ON users (lower(name));

CREATE TABLE calls (
    id uuid PRIMARY KEY,
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
    rep_id uuid REFERENCES users (id),
    started_at timestamptz,
    imported_at timestamptz NOT NULL,
    duration_ms BIGINT,
    separate_channels BOOLEAN NOT NULL,
    -- needs_sides, queued, analysed, failed
    status TEXT NOT NULL,
    warnings jsonb NOT NULL,
    -- How many values of each kind were redacted.
    redactions jsonb NOT NULL,
    -- The file as it was kept, in the blob store.
    original_key TEXT NOT NULL,
    original_bytes BIGINT NOT NULL,
    -- The latest coaching session.
    session_id uuid,
    overall_score DOUBLE PRECISION,
    analysed_at timestamptz
);
CREATE INDEX calls_imported ON calls (imported_at DESC, id DESC);
CREATE INDEX calls_rep ON calls (rep_id, imported_at DESC);
CREATE INDEX calls_status ON calls (status, imported_at DESC);
CREATE INDEX calls_external ON calls (external_id);

CREATE TABLE participants (
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
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
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
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
);

CREATE TABLE metrics (
    call_id uuid PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    metrics jsonb NOT NULL,
    trackers jsonb NOT NULL,
    computed_at timestamptz NOT NULL
);

CREATE TABLE rubrics (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The rubric as it was when it judged.
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id, version)
);

-- All dimensions of one call, judged at one time.
CREATE TABLE coaching_sessions (
    id uuid NOT NULL,
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    rubric_id TEXT NOT NULL,
    rubric_version INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    -- SHA-256 of transcript, sides and rubric: the same input need not be judged again.
    input_hash TEXT NOT NULL,
    overall_score DOUBLE PRECISION,
    overall_note TEXT,
    summary TEXT NOT NULL,
    key_themes jsonb NOT NULL,
    flags jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    PRIMARY KEY (id, finished_at)
) PARTITION BY RANGE (finished_at);
CREATE INDEX coaching_sessions_call ON coaching_sessions (call_id, finished_at);
-- Catches what no quarter takes; the partition keeper makes the quarters ahead of time.
CREATE TABLE coaching_sessions_default PARTITION OF coaching_sessions DEFAULT;


-- One dimension of one call.
CREATE TABLE analyses (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL,
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    dimension TEXT NOT NULL,
    title TEXT NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    score DOUBLE PRECISION,
    coverage DOUBLE PRECISION,
    level INTEGER,
    note TEXT,
    checks jsonb NOT NULL,
    rubric_id TEXT NOT NULL,
    rubric_version INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL
);
CREATE INDEX analyses_call ON analyses (call_id);
CREATE INDEX analyses_session ON analyses (session_id, position);

-- Sums per rep and week, kept up to date with every analysis.
CREATE TABLE rollups (
    rep_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The Monday, as YYYY-MM-DD.
    week TEXT NOT NULL,
    -- calls, overall, dimension:ID, talk_share, sentiment
    measure TEXT NOT NULL,
    n BIGINT NOT NULL,
    -- In ten-thousandths.
    total BIGINT NOT NULL,
    PRIMARY KEY (rep_id, week, measure)
);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind TEXT NOT NULL,
    payload jsonb NOT NULL,
    -- Higher ones first.
    priority INTEGER NOT NULL,
    -- No two unfinished jobs have the same.
    unique_key TEXT,
    -- queued, running, done, dead, cancelled
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    run_at timestamptz NOT NULL,
    lease_token uuid,
    lease_until timestamptz,
    worker TEXT,
    error TEXT,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX jobs_claim ON jobs (priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_state ON jobs (state, created_at DESC);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE state IN ('queued', 'running');

CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload jsonb NOT NULL,
    -- Five fields, read in the time zone.
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    next_at timestamptz NOT NULL,
    last_at timestamptz
);

-- Who did what; rows are only added.
CREATE TABLE audit_events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX audit_events_at ON audit_events (at DESC);
