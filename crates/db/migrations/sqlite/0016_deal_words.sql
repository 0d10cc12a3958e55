-- What a language model words of a deal is kept as its words about a rep are: under a key of all that it rests on, and with the calls it was written from.

-- Nothing was ever kept in it: it had one text a deal, while people see different calls of one.
DROP TABLE opportunity_texts;

-- One text each; what was not the model's to say is filled in when it is shown.
CREATE TABLE opportunity_texts (
    -- SHA-256 of all that the answer depends on: every word of the prompt, the model, the rules, and which calls these are.
    key TEXT PRIMARY KEY,
    opportunity_id BLOB NOT NULL REFERENCES opportunities (id) ON DELETE CASCADE,
    -- Who had it written: at most one text of theirs a deal.
    written_by BLOB NOT NULL,
    -- The model, as its service names it.
    model TEXT NOT NULL,
    -- The sentences, and how many ids and sentences were not used. JSON.
    words TEXT NOT NULL,
    -- What it cost in millionths of a US dollar; NULL where the price is not known.
    cost_micros BIGINT,
    -- When it was written.
    created_at TEXT NOT NULL
);
CREATE INDEX opportunity_texts_opportunity ON opportunity_texts (opportunity_id);

-- The calls that a text rests on: when one of them is deleted, so is the text, and who does not see all of them is told nothing of it.
CREATE TABLE opportunity_text_calls (
    -- The text.
    text_key TEXT NOT NULL REFERENCES opportunity_texts (key) ON DELETE CASCADE,
    -- The call.
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    PRIMARY KEY (text_key, call_id)
);
CREATE INDEX opportunity_text_calls_call ON opportunity_text_calls (call_id);
