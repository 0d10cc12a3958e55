-- Reviews of a week keep what they quote apart, and how much room things take is measured at night.

-- Moments of reviews. A call that is deleted takes them along, so that its words stay nowhere.
CREATE TABLE review_moments (
    review_id BLOB NOT NULL REFERENCES weekly_reviews (id) ON DELETE CASCADE,
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- Among those of the review, from 0: the heaviest of a rep first.
    position BIGINT NOT NULL,
    -- What is told. JSON.
    moment TEXT NOT NULL,
    PRIMARY KEY (review_id, call_id)
) WITHOUT ROWID;
CREATE INDEX review_moments_call ON review_moments (call_id);

-- How much room things take, as it was measured last.
CREATE TABLE storage_sizes (
    -- originals, transcripts, judgements, deals, emails, sources, jobs, knowledge, other, free
    kind TEXT PRIMARY KEY,
    -- How many it takes.
    bytes BIGINT NOT NULL,
    -- Whether it is known what each kind takes; if not, all of the database stands under other.
    exact BOOLEAN NOT NULL,
    -- When that was measured.
    measured_at TEXT NOT NULL
) WITHOUT ROWID;
