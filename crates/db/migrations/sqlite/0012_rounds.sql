-- Rounds count how often in a row they went wrong: whoever looks after a connection is told, whatever else of it goes well.

-- How often in a row the next page of a round was not to be had.
ALTER TABLE sync_runs ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
