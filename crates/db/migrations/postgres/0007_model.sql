-- Judging by a language model: what it was asked and what it cost, its answers for as long as they hold, and scores that wait for a person.

-- Which model judged, what it took, what of its claims did not hold, and why it did not where it should have; NULL where no model was asked. JSON.
ALTER TABLE coaching_sessions ADD COLUMN model jsonb;
-- Somebody in the call speaks to the judge: the scores are not told before a person has looked.
ALTER TABLE coaching_sessions ADD COLUMN withheld BOOLEAN NOT NULL DEFAULT FALSE;
-- When a person looked and let the scores be told.
ALTER TABLE coaching_sessions ADD COLUMN confirmed_at timestamptz;
-- Who that was.
ALTER TABLE coaching_sessions ADD COLUMN confirmed_by uuid;
-- What of that concerns this dimension; NULL where no model was asked. JSON.
ALTER TABLE analyses ADD COLUMN model jsonb;

-- Answers of models that were understood, to be used again for the same question within their time.
CREATE TABLE model_results (
    -- SHA-256 of all that the answer depends on.
    key TEXT PRIMARY KEY,
    -- The call it is about: gone with it.
    call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- As the model wrote it, JSON.
    answer TEXT NOT NULL,
    created_at timestamptz NOT NULL,
    -- Until when it is used.
    expires_at timestamptz NOT NULL,
    -- How often it was used again.
    hits BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX model_results_call ON model_results (call_id);
CREATE INDEX model_results_expires ON model_results (expires_at);

-- Every question to a model, and every answer that was had without one: what it cost, without a word of it. Kept when its call is deleted.
CREATE TABLE model_runs (
    id uuid PRIMARY KEY,
    -- When it was answered.
    at timestamptz NOT NULL,
    -- The call it was about, as long as there is one.
    call_id uuid REFERENCES calls (id) ON DELETE SET NULL,
    -- Whose call it was.
    rep_id uuid REFERENCES users (id) ON DELETE SET NULL,
    -- dimension, advice, insight, test
    purpose TEXT NOT NULL,
    -- The dimension it was about, if one.
    dimension TEXT,
    -- anthropic, openai, ollama, llamacpp, vllm
    provider TEXT NOT NULL,
    -- The model, as its service names it.
    model TEXT NOT NULL,
    -- ok, cached, batched, or the kind of what went wrong.
    outcome TEXT NOT NULL,
    -- Tokens read afresh.
    input_tokens BIGINT NOT NULL,
    -- Tokens read afresh and remembered by the service.
    cache_write_tokens BIGINT NOT NULL,
    -- Tokens that the service remembered.
    cache_read_tokens BIGINT NOT NULL,
    -- Tokens written.
    output_tokens BIGINT NOT NULL,
    -- The service did not tell all of these: counted here.
    estimated BOOLEAN NOT NULL,
    -- In millionths of a US dollar; NULL where the price is not known.
    cost_micros BIGINT,
    -- How long it took, in milliseconds.
    took_ms BIGINT NOT NULL
);
CREATE INDEX model_runs_at ON model_runs (at);
CREATE INDEX model_runs_call ON model_runs (call_id);
CREATE INDEX model_runs_rep ON model_runs (rep_id, at);
