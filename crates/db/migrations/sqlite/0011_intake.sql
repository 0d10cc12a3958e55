-- Where calls come in by themselves: connections to services, what they sent, and how far each of their calls is.

-- A service, or another place, from which calls come.
CREATE TABLE connections (
    id BLOB PRIMARY KEY,
    -- gong, push
    kind TEXT NOT NULL,
    -- What it is called in addresses and commands.
    name TEXT NOT NULL UNIQUE,
    -- What it is set to, without secrets. JSON.
    settings TEXT NOT NULL,
    -- Its keys, sealed with a key that is not in the database; NULL where it needs none.
    secrets TEXT,
    -- Nothing is fetched or taken while it is paused.
    paused BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TEXT NOT NULL,
    -- Who made it, as the audit trail names them.
    created_by TEXT NOT NULL,
    -- Calls that began before are not fetched, unless somebody asks for them.
    since TEXT NOT NULL,
    -- Up to this time all calls are known here that the service knew.
    covered_until TEXT,
    -- Attempts in a row that failed.
    failures BIGINT NOT NULL DEFAULT 0,
    -- Why the last attempt failed; NULL when it did not.
    error TEXT,
    -- When the last attempt was, and the last one that went well.
    tried_at TEXT,
    -- See tried_at.
    worked_at TEXT,
    -- When the next request may be sent: those of all instances keep a distance.
    slot_at TEXT,
    -- The day (UTC, YYYY-MM-DD) of which requests are counted, and how many were sent in it.
    quota_day TEXT,
    -- See quota_day.
    quota_used BIGINT NOT NULL DEFAULT 0,
    -- Until when somebody is about to renew its tokens; NULL when nobody is.
    renewing_until TEXT
) WITHOUT ROWID;

-- What services sent by themselves.
CREATE TABLE webhook_events (
    id BLOB PRIMARY KEY,
    -- Through which connection.
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    -- What makes two deliveries the same one: the id that it came with, or a hash. NULL where it was refused.
    delivery_key TEXT,
    -- The call that it is about, as its service names it.
    external_id TEXT,
    -- What was sent, with what is redacted replaced. JSON; NULL where it was refused or the call was deleted.
    payload TEXT,
    -- Whether it was signed as it must be.
    signature_valid BOOLEAN NOT NULL,
    -- received, processed, failed, test, refused
    status TEXT NOT NULL,
    -- Why it was refused; NULL else.
    reason TEXT,
    -- Bytes of the body.
    bytes BIGINT NOT NULL,
    -- How often it came.
    deliveries BIGINT NOT NULL DEFAULT 1,
    -- When it came first.
    received_at TEXT NOT NULL,
    -- When its call was kept here.
    processed_at TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX webhook_events_delivery ON webhook_events (connection_id, delivery_key);
CREATE INDEX webhook_events_call ON webhook_events (connection_id, external_id);
CREATE INDEX webhook_events_time ON webhook_events (received_at, id);

-- The ledger: each call that a connection knows, and how far it is.
CREATE TABLE source_calls (
    id BLOB PRIMARY KEY,
    -- Through which connection.
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    -- As its service names it.
    external_id TEXT NOT NULL,
    -- open, kept, failed, skipped
    state TEXT NOT NULL,
    -- How it became known: webhook, sync, push
    known_by TEXT NOT NULL,
    -- When it became known.
    known_at TEXT NOT NULL,
    -- From when its patience counts.
    waits_from TEXT NOT NULL,
    -- When the call began, as far as that is known.
    began_at TEXT,
    -- Mail address, else name, of whose call it is, as its service says.
    rep TEXT,
    -- What the service tells of it, with what is redacted replaced. JSON; NULL while it was not fetched, or where the call was deleted.
    details TEXT,
    -- When its transcript was there.
    transcript_at TEXT,
    -- The call that it became; NULL before that, and where it was deleted: then it does not come again.
    call_id BLOB REFERENCES calls (id) ON DELETE SET NULL,
    -- How often it was tried in vain since it went well last.
    tries BIGINT NOT NULL DEFAULT 0,
    -- Not before this time.
    next_try_at TEXT NOT NULL,
    -- Why it waits, failed or was skipped; of one that is here, what people are to know of how it came in. NULL where there is nothing to say.
    why TEXT,
    -- The job that fetches it, as long as that runs; NULL when none does.
    fetching_by BLOB
) WITHOUT ROWID;
CREATE UNIQUE INDEX source_calls_external ON source_calls (connection_id, external_id);
CREATE INDEX source_calls_open ON source_calls (connection_id, next_try_at) WHERE state = 'open';
CREATE INDEX source_calls_call ON source_calls (call_id);

-- The steps by which a call comes in.
CREATE TABLE source_steps (
    -- Which call of the ledger.
    source_call_id BLOB NOT NULL REFERENCES source_calls (id) ON DELETE CASCADE,
    -- fetch_call, fetch_transcript, store_call_metadata, store_speakers, store_transcripts, queue_for_analysis
    step TEXT NOT NULL,
    -- done, waiting, failed
    state TEXT NOT NULL,
    -- How often it was begun.
    attempts BIGINT NOT NULL,
    -- When it was begun last.
    started_at TEXT NOT NULL,
    -- When it was done.
    finished_at TEXT,
    -- Milliseconds that the last attempt took.
    took_ms BIGINT NOT NULL,
    -- Why it waits or failed.
    error TEXT,
    PRIMARY KEY (source_call_id, step)
) WITHOUT ROWID;

-- Rounds in which the calls of a service were listed.
CREATE TABLE sync_runs (
    id BLOB PRIMARY KEY,
    -- Through which connection.
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    -- Why: schedule, asked, backfill
    cause TEXT NOT NULL,
    -- Who asked for it, as the audit trail names them; empty for the schedule.
    asked_by TEXT NOT NULL,
    -- Calls from this time on, up to that.
    since TEXT NOT NULL,
    -- See since.
    until TEXT NOT NULL,
    -- Where the next page begins, as the service says; NULL at the first.
    cursor TEXT,
    -- running, waiting, done, failed
    state TEXT NOT NULL,
    -- Pages that were read.
    pages BIGINT NOT NULL DEFAULT 0,
    -- Calls on them, and those of them that were not known.
    found BIGINT NOT NULL DEFAULT 0,
    -- See found.
    new_calls BIGINT NOT NULL DEFAULT 0,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    -- When it goes on, where it waits.
    wait_until TEXT,
    -- Why it waits or failed.
    error TEXT
) WITHOUT ROWID;
CREATE INDEX sync_runs_connection ON sync_runs (connection_id, started_at);
