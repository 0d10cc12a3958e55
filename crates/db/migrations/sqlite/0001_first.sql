-- Calls, what was found in them, who they belong to, and the work that is still to be done.
-- Times are UTC. Scores and means are kept as integers (hundredths, ten-thousandths) where they are summed, so that sums are exact.

-- Groups of users.
CREATE TABLE teams (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);

-- People of our side: reps as calls name them, and those who log in.
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

-- Conversations that were taken in, one row a file.
CREATE TABLE calls (
    id BLOB PRIMARY KEY,
    -- Where it came from: file, …
    source TEXT NOT NULL,
    -- SHA-256 of the file in hexadecimal: the same file is one call.
    source_hash TEXT NOT NULL UNIQUE,
    -- Without folders.
    file_name TEXT NOT NULL,
    -- The format that was recognised: webvtt, gong, …
    format TEXT NOT NULL,
    -- Its id in the source.
    external_id TEXT,
    title TEXT,
    language TEXT,
    customer TEXT,
    rep_id BLOB REFERENCES users (id),
    started_at TEXT,
    imported_at TEXT NOT NULL,
    duration_ms BIGINT,
    -- Whether each speaker was recorded on a channel of their own, so that an absence of overlap is a fact.
    separate_channels BOOLEAN NOT NULL,
    -- needs_sides, queued, analysed, failed
    status TEXT NOT NULL,
    -- What could not be read as it should.
    warnings TEXT NOT NULL,
    -- How many values of each kind were redacted.
    redactions TEXT NOT NULL,
    -- The file as it was kept, in the blob store.
    original_key TEXT NOT NULL,
    -- Its length.
    original_bytes BIGINT NOT NULL,
    -- The latest coaching session.
    session_id BLOB,
    overall_score DOUBLE PRECISION,
    -- When the latest coaching session was finished.
    analysed_at TEXT
);
CREATE INDEX calls_imported ON calls (imported_at DESC, id DESC);
CREATE INDEX calls_rep ON calls (rep_id, imported_at DESC);
CREATE INDEX calls_status ON calls (status, imported_at DESC);
CREATE INDEX calls_external ON calls (external_id);

-- Who takes part in a call.
CREATE TABLE participants (
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- What segments refer to, from 0.
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- internal, external, or unknown
    side TEXT,
    email TEXT,
    title TEXT,
    -- Their id in the source.
    external_id TEXT,
    PRIMARY KEY (call_id, position)
);

-- What was said in a call, one row for what a speaker says at a stretch. Redacted before it comes here.
CREATE TABLE segments (
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- What evidence refers to, from 1.
    id INTEGER NOT NULL,
    -- Position of the participant; NULL where it is not known.
    speaker INTEGER,
    start_ms BIGINT,
    end_ms BIGINT,
    text TEXT NOT NULL,
    -- Whether a time was computed rather than read.
    estimated BOOLEAN NOT NULL,
    -- The transcriber's, in thousandths.
    confidence INTEGER,
    -- What the source says it is about.
    topic TEXT,
    PRIMARY KEY (call_id, id)
) WITHOUT ROWID;

-- What was measured in a call; as JSON, as the report shows it.
CREATE TABLE metrics (
    call_id BLOB PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    -- Talk ratio, pauses, questions, …
    metrics TEXT NOT NULL,
    -- What was mentioned, how often and where.
    trackers TEXT NOT NULL,
    -- When the call was judged last.
    computed_at TEXT NOT NULL
);

-- What calls were judged against, in each version that has judged one.
CREATE TABLE rubrics (
    id TEXT NOT NULL,
    -- As its document says.
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
    -- Which rubric in which version it rests on.
    rubric_id TEXT NOT NULL,
    -- See rubric_id.
    rubric_version INTEGER NOT NULL,
    -- Who judged: offline, …
    analyst TEXT NOT NULL,
    -- SHA-256 of transcript, sides and rubric: the same input need not be judged again.
    input_hash TEXT NOT NULL,
    overall_score DOUBLE PRECISION,
    -- Why there is no overall score.
    overall_note TEXT,
    -- For people, in a sentence.
    summary TEXT NOT NULL,
    -- Names of the heaviest checks that were not met.
    key_themes TEXT NOT NULL,
    -- What somebody should look at, each with its evidence.
    flags TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX coaching_sessions_call ON coaching_sessions (call_id, finished_at);

-- One dimension of one call.
CREATE TABLE analyses (
    id BLOB PRIMARY KEY,
    -- The coaching session it is a part of.
    session_id BLOB NOT NULL,
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- Its place in the rubric, from 0.
    position INTEGER NOT NULL,
    -- Id in the rubric.
    dimension TEXT NOT NULL,
    title TEXT NOT NULL,
    -- As in the rubric.
    weight DOUBLE PRECISION NOT NULL,
    -- 0 to 100; NULL where too little could be judged or nothing applies.
    score DOUBLE PRECISION,
    -- Share of the applicable weight that could be judged: 0 to 1; NULL where nothing applies.
    coverage DOUBLE PRECISION,
    -- 1 to 5 by the score.
    level INTEGER,
    -- Why there is no score.
    note TEXT,
    -- Verdicts with their evidence.
    checks TEXT NOT NULL,
    -- Which rubric in which version it rests on.
    rubric_id TEXT NOT NULL,
    -- See rubric_id.
    rubric_version INTEGER NOT NULL,
    -- Who judged: offline, …
    analyst TEXT NOT NULL,
    -- As in coaching_sessions.
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
    -- How many calls have the measure.
    n BIGINT NOT NULL,
    -- In ten-thousandths.
    total BIGINT NOT NULL,
    PRIMARY KEY (rep_id, week, measure)
) WITHOUT ROWID;

-- Work to be done, durably. A worker takes a job by a lease.
CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    -- Which handler it is for.
    kind TEXT NOT NULL,
    -- What the handler needs to know.
    payload TEXT NOT NULL,
    -- Higher ones first.
    priority INTEGER NOT NULL,
    -- No two unfinished jobs have the same.
    unique_key TEXT,
    -- queued, running, done, dead, cancelled
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    -- Not before this time.
    run_at TEXT NOT NULL,
    -- Who knows it may finish the job; NULL unless it is running.
    lease_token BLOB,
    -- When the job is taken from a worker that is silent.
    lease_until TEXT,
    -- Who has it, or had it last.
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

-- Jobs that come back.
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    -- Which handler its jobs are for.
    kind TEXT NOT NULL,
    -- What the handler needs to know.
    payload TEXT NOT NULL,
    -- Five fields, read in the time zone.
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- When the next job is due.
    next_at TEXT NOT NULL,
    -- When the last job was written down.
    last_at TEXT
);

-- Who did what; rows are only added.
CREATE TABLE audit_events (
    id BLOB PRIMARY KEY,
    -- When it was done.
    at TEXT NOT NULL,
    -- Who did it, such as cli:dana.
    actor TEXT NOT NULL,
    -- What was done: call.import, call.delete, job.retry, data.backup, …
    action TEXT NOT NULL,
    -- What it was done to: the id of a call or job, or a folder.
    subject TEXT NOT NULL,
    -- More about it; neither words nor names out of a call.
    detail TEXT NOT NULL
);
CREATE INDEX audit_events_at ON audit_events (at DESC);
