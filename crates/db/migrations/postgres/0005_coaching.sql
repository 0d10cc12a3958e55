-- What coaching tells people: sums by day beside those by week, so that a period is exact; rubrics and trackers of one's own; what the moments of
-- a call cost.

-- The day on which the call began, else came in, as YYYY-MM-DD in the time zone of the installation.
ALTER TABLE calls ADD COLUMN day TEXT NOT NULL DEFAULT '';
-- The week is right in the zone, which the database does not know; the day is that of UTC, at most a day off, and never outside of the week.
UPDATE calls SET day = greatest(week, least(to_char(week::date + 6, 'YYYY-MM-DD'),
    to_char(coalesce(started_at, imported_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'))) WHERE week <> '';
-- Points of the overall score that the heaviest moment of the latest session cost; 0 where there is none, NULL where it is not known.
ALTER TABLE calls ADD COLUMN heaviest DOUBLE PRECISION;
CREATE INDEX calls_rep_day ON calls (rep_id, day);
-- The sums count those that are judged and somebody's; these are counted one by one.
CREATE INDEX calls_beside_sums ON calls (day, rep_id, status) WHERE status <> 'analysed' OR rep_id IS NULL;
CREATE INDEX calls_week ON calls (week, heaviest);

-- Sums per rep and day, kept up to date with every analysis; those of whole weeks are in rollups.
CREATE TABLE day_sums (
    -- As YYYY-MM-DD.
    day TEXT NOT NULL,
    rep_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- As in rollups.
    measure TEXT NOT NULL,
    -- How many calls have the measure.
    n BIGINT NOT NULL,
    -- In ten-thousandths.
    total BIGINT NOT NULL,
    PRIMARY KEY (day, rep_id, measure)
);
INSERT INTO day_sums (day, rep_id, measure, n, total)
SELECT day, rep_id, measure, count(*), sum(value) FROM (
    SELECT day, rep_id, 'calls' AS measure, 10000 AS value FROM calls WHERE session_id IS NOT NULL
    UNION ALL SELECT day, rep_id, 'overall', CAST(round(overall_score * 10000) AS BIGINT) FROM calls WHERE session_id IS NOT NULL
    UNION ALL SELECT c.day, c.rep_id, 'talk_ratio', CAST(round(CAST(m.metrics #>> '{talk_ratio}' AS DOUBLE PRECISION) * 10000) AS BIGINT)
        FROM calls c JOIN metrics m ON m.call_id = c.id WHERE c.session_id IS NOT NULL
    UNION ALL SELECT c.day, c.rep_id, 'sentiment', CAST(round(CAST(m.metrics #>> '{sentiment,internal}' AS DOUBLE PRECISION) * 10000) AS BIGINT)
        FROM calls c JOIN metrics m ON m.call_id = c.id WHERE c.session_id IS NOT NULL
    UNION ALL SELECT c.day, c.rep_id, 'customer_sentiment', CAST(round(CAST(m.metrics #>> '{sentiment,external}' AS DOUBLE PRECISION) * 10000) AS BIGINT)
        FROM calls c JOIN metrics m ON m.call_id = c.id WHERE c.session_id IS NOT NULL
    UNION ALL SELECT c.day, c.rep_id, 'dimension:' || a.dimension, CAST(round(a.score * 10000) AS BIGINT)
        FROM calls c JOIN analyses a ON a.session_id = c.session_id
) AS found WHERE rep_id IS NOT NULL AND value IS NOT NULL GROUP BY day, rep_id, measure;

-- builtin: compiled in, and kept because it judged; own: written by people of this installation.
ALTER TABLE rubrics ADD COLUMN source TEXT NOT NULL DEFAULT 'builtin';
-- Who wrote this version.
ALTER TABLE rubrics ADD COLUMN created_by uuid REFERENCES users (id) ON DELETE SET NULL;
-- Since when it is not offered any more; all versions alike.
ALTER TABLE rubrics ADD COLUMN retired_at timestamptz;

-- What is listened for in calls beside the built-in trackers.
CREATE TABLE trackers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Whose words are searched: internal, external; NULL for everybody's.
    side TEXT,
    -- What to find, in the language of trackers; a JSON list.
    phrases jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    -- When it was changed.
    updated_at timestamptz NOT NULL,
    -- Who changed it last.
    updated_by uuid REFERENCES users (id) ON DELETE SET NULL
);
