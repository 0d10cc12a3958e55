-- Lists of 100,000 calls in each order that people ask for, and whose call it is where the call does not tell.

-- When the call began, or when it came in where that is not known: the order of lists.
ALTER TABLE calls ADD COLUMN happened_at TEXT GENERATED ALWAYS AS (coalesce(started_at, imported_at)) VIRTUAL;
-- The title that is shown, in lower case, to be looked in: SQLite and some locales of PostgreSQL fold ASCII only.
ALTER TABLE calls ADD COLUMN title_key TEXT NOT NULL DEFAULT '';
-- The customer, in lower case.
ALTER TABLE calls ADD COLUMN customer_key TEXT;
-- The customer's mean sentiment, -1 to 1, as the metrics have it.
ALTER TABLE calls ADD COLUMN customer_sentiment DOUBLE PRECISION;
-- Who uploaded it, unless an admin did: whose call it is while the call itself tells nobody.
ALTER TABLE calls ADD COLUMN uploaded_by BLOB REFERENCES users (id);
UPDATE calls SET title_key = lower(coalesce(title, file_name)), customer_key = lower(customer),
    customer_sentiment = (SELECT json_extract(m.metrics, '$.sentiment.external') FROM metrics m WHERE m.call_id = calls.id);

DROP INDEX calls_rep;
DROP INDEX calls_customer;
CREATE INDEX calls_happened ON calls (happened_at, id);
CREATE INDEX calls_rep ON calls (rep_id, happened_at, id);
CREATE INDEX calls_status_happened ON calls (status, happened_at, id);
CREATE INDEX calls_customer ON calls (customer_key, happened_at, id);
CREATE INDEX calls_score ON calls (coalesce(overall_score, -1), id);
CREATE INDEX calls_duration ON calls (coalesce(duration_ms, -1), id);
CREATE INDEX calls_title ON calls (substr(title_key, 1, 60), id);
