-- Many calls judged by a model at once, in batches that its service answers within a day.

-- A wish to have calls judged so, and how far it is.
CREATE TABLE backfills (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    -- Who wished for it, as the audit trail names them.
    created_by TEXT NOT NULL,
    -- The rubric that was named; NULL for the usual one.
    rubric TEXT,
    -- The model, as its service names it.
    model TEXT NOT NULL,
    -- open, cancelled, done, stopped
    state TEXT NOT NULL,
    -- Why it was stopped, or what it waits for; NULL where all is well.
    why TEXT,
    -- How many calls it began with.
    calls BIGINT NOT NULL,
    -- Batches that were sent.
    batches BIGINT NOT NULL DEFAULT 0,
    -- Questions that were sent.
    questions BIGINT NOT NULL DEFAULT 0,
    -- Those of them that were answered.
    answered BIGINT NOT NULL DEFAULT 0,
    -- Those that were not, or not so that it can be used.
    failed BIGINT NOT NULL DEFAULT 0,
    -- What the answers cost in millionths of a US dollar; NULL where a price is not known.
    cost_micros BIGINT DEFAULT 0,
    -- What the batch that is being answered may cost, in millionths of a US dollar: spent as far as budgets go.
    reserved_micros BIGINT NOT NULL DEFAULT 0,
    -- Since when a batch is being sent or answered; NULL between two.
    sending_at timestamptz,
    -- That batch, as its service names it; NULL while it is not known whether it was made.
    batch_id TEXT,
    -- That batch was found again after a crash, by its time and size.
    batch_found BOOLEAN NOT NULL DEFAULT FALSE,
    finished_at timestamptz
);

-- Calls of it that are not ready to be judged.
CREATE TABLE backfill_calls (
    -- The backfill.
    backfill_id uuid NOT NULL REFERENCES backfills (id) ON DELETE CASCADE,
    -- The call.
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    PRIMARY KEY (backfill_id, call_id)
);
CREATE INDEX backfill_calls_call ON backfill_calls (call_id);

-- Questions that were sent, without their words.
CREATE TABLE backfill_questions (
    -- The backfill.
    backfill_id uuid NOT NULL REFERENCES backfills (id) ON DELETE CASCADE,
    -- The key of the answer, and the name of the question in its batch.
    key TEXT NOT NULL,
    -- The call that it is about: gone with it.
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- As in model_runs.
    purpose TEXT NOT NULL,
    -- The dimension that it is about, if one.
    dimension TEXT,
    -- ok, or the kind of what went wrong; NULL while it waits for its answer.
    outcome TEXT,
    PRIMARY KEY (backfill_id, key)
);
CREATE INDEX backfill_questions_call ON backfill_questions (call_id);

-- Batches that are somebody's.
CREATE TABLE backfill_batches (
    -- As its service names it.
    batch_id TEXT PRIMARY KEY,
    -- Whose it is.
    backfill_id uuid NOT NULL REFERENCES backfills (id) ON DELETE CASCADE
);

-- The latest scores of the call are withheld until a person has looked, as in coaching_sessions.
ALTER TABLE calls ADD COLUMN withheld BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE calls SET withheld = TRUE WHERE session_id IN (SELECT id FROM coaching_sessions WHERE withheld AND confirmed_at IS NULL);
CREATE INDEX calls_withheld ON calls (happened_at) WHERE withheld;

-- SHA-256 of who says what when, which stays as it came in: NULL in sessions of before. What a call was judged from is compared without reading it.
ALTER TABLE coaching_sessions ADD COLUMN words_hash TEXT;
