-- Insights that a language model worded: the sentences that are shown of its answer, as long as what they rest on is as it was.

-- One text each; what was not the model's to say is filled in when it is shown.
CREATE TABLE insight_texts (
    -- SHA-256 of all that the answer depends on: every word of the prompt, the model, the rules.
    key TEXT PRIMARY KEY,
    -- What it is about: rep:ID, or team:ID or all with the id of whoever asked. At most one text for periods of a length that overlap.
    subject TEXT NOT NULL,
    -- Days of the period.
    days BIGINT NOT NULL,
    -- Its first day, YYYY-MM-DD.
    since TEXT NOT NULL,
    -- The model, as its service names it.
    model TEXT NOT NULL,
    -- The sentences, and how many ids and sentences were not used. JSON.
    words TEXT NOT NULL,
    -- What it cost in millionths of a US dollar; NULL where the price is not known.
    cost_micros BIGINT,
    -- When it was written.
    created_at TEXT NOT NULL
);
CREATE INDEX insight_texts_subject ON insight_texts (subject, days);

-- The calls whose words a text was written from: when one of them is deleted, so is the text.
CREATE TABLE insight_text_calls (
    -- The text.
    text_key TEXT NOT NULL REFERENCES insight_texts (key) ON DELETE CASCADE,
    -- The call.
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    PRIMARY KEY (text_key, call_id)
);
CREATE INDEX insight_text_calls_call ON insight_text_calls (call_id);
