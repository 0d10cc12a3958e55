-- What was said is found by its words and by what it means: calls are cut into passages, which are kept with them.

-- Calls whose passages are known.
CREATE TABLE indexed_calls (
    -- Part of the ids of its passages, so that these tell which call they are of. Never given twice.
    number INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_id UUID NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE,
    -- Which rules made words and passages of it; others make them anew.
    version INTEGER NOT NULL,
    -- How many there are.
    passages INTEGER NOT NULL,
    -- How many words they have together.
    words BIGINT NOT NULL,
    -- What made its vectors; NULL where it has none yet.
    model TEXT,
    -- Whether saved searches were asked of it.
    noticed BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX indexed_calls_model ON indexed_calls (model);
CREATE INDEX indexed_calls_noticed ON indexed_calls (number) WHERE NOT noticed;

-- Stretches of calls of about 100 to 150 words, on the borders of turns. Their vectors are in a table that is made where pgvector is there.
CREATE TABLE passages (
    -- The number of its call times 65,536, plus its place in it from 0.
    id BIGINT PRIMARY KEY,
    call_id UUID NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- From which segment, and from which of its bytes.
    first_segment INTEGER NOT NULL,
    -- 0 but where a long segment was cut.
    first_byte INTEGER NOT NULL,
    -- Up to which segment, and up to which of its bytes.
    last_segment INTEGER NOT NULL,
    -- How much of that segment belongs to it.
    last_byte INTEGER NOT NULL,
    -- Who speaks in it: bit n stands for the participant in place n, bit 62 for all from place 62 on.
    speakers BIGINT NOT NULL,
    -- How many it has.
    words INTEGER NOT NULL,
    -- They themselves in the form in which they are looked for. Weight A: our side says it, B: the other, C: nobody knows who.
    terms TSVECTOR NOT NULL
);
CREATE INDEX passages_call ON passages (call_id);
CREATE INDEX passages_terms ON passages USING gin (terms);

-- What made the vectors: those of two models cannot be compared. One row, or none where there are no vectors.
CREATE TABLE search_model (
    -- Always 1.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Its name.
    model TEXT NOT NULL,
    -- How many numbers a vector has.
    dimensions INTEGER NOT NULL
);

-- Searches that people come back to.
CREATE TABLE saved_searches (
    id UUID PRIMARY KEY,
    -- Whose it is.
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What it is called.
    name TEXT NOT NULL,
    -- As it was written.
    query TEXT NOT NULL,
    -- keyword, vector, hybrid
    mode TEXT NOT NULL,
    -- Whether new calls in which something is found are told of.
    alert BOOLEAN NOT NULL,
    -- When it was made.
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX saved_searches_user ON saved_searches (user_id, created_at);

-- Calls that came in after a search was saved, and in which it finds something.
CREATE TABLE saved_search_hits (
    search_id UUID NOT NULL REFERENCES saved_searches (id) ON DELETE CASCADE,
    call_id UUID NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- Where: the segment that fits best.
    segment_id INTEGER NOT NULL,
    -- When that was noticed.
    found_at TIMESTAMPTZ NOT NULL,
    -- Whether its owner has seen it.
    seen BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (search_id, call_id)
);
CREATE INDEX saved_search_hits_call ON saved_search_hits (call_id);
