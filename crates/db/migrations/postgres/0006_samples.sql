-- Calls that were made up are few, and are looked for alone.
CREATE INDEX calls_samples ON calls (id) WHERE source = 'sample';
