-- Rounds count how often in a row they went wrong: whoever looks after a connection is told, whatever else of it goes well. And what services tell is
-- kept as they wrote it, which costs a third of taking it apart.

-- How often in a row the next page of a round was not to be had.
ALTER TABLE sync_runs ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;

-- Nothing looks into these by an index.
ALTER TABLE webhook_events ALTER COLUMN payload TYPE json USING payload::json;
ALTER TABLE source_calls ALTER COLUMN details TYPE json USING details::json;
-- Faster than what is usual, in servers that have it.
DO $$
BEGIN
    ALTER TABLE webhook_events ALTER COLUMN payload SET COMPRESSION lz4;
    ALTER TABLE source_calls ALTER COLUMN details SET COMPRESSION lz4;
EXCEPTION
    WHEN feature_not_supported THEN NULL;
END
$$;
