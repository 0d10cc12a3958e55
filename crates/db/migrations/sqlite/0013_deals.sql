-- Deals: what a CRM, Gong or a file tells of them; their calls and e-mails; what warns of them; and what is made of it.

-- Firms that are sold to, as their CRM knows them.
CREATE TABLE crm_accounts (
    -- salesforce, hubspot, …, import
    system TEXT NOT NULL,
    -- Its id there.
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Its mail domain, in lower case.
    domain TEXT,
    -- Its trade, in the words of its CRM.
    industry TEXT,
    -- Such as smb or enterprise.
    segment TEXT,
    -- When it was read last.
    updated_at TEXT NOT NULL,
    PRIMARY KEY (system, external_id)
) WITHOUT ROWID;
CREATE INDEX crm_accounts_domain ON crm_accounts (domain);

-- People of these firms.
CREATE TABLE crm_contacts (
    -- See crm_accounts.
    system TEXT NOT NULL,
    -- Their id there.
    external_id TEXT NOT NULL,
    -- Their firm's id there. No reference: they may come before it.
    account_external_id TEXT,
    name TEXT NOT NULL,
    -- In lower case.
    email TEXT,
    -- The firm's part of the address; NULL for providers at which anybody has one.
    domain TEXT,
    -- What they are there: Head of Logistics.
    title TEXT,
    -- When they were read last.
    updated_at TEXT NOT NULL,
    PRIMARY KEY (system, external_id)
) WITHOUT ROWID;
CREATE INDEX crm_contacts_account ON crm_contacts (system, account_external_id);
CREATE INDEX crm_contacts_domain ON crm_contacts (domain);

-- People of ours, as a CRM knows them: whose deals are whose.
CREATE TABLE crm_owners (
    -- See crm_accounts.
    system TEXT NOT NULL,
    -- Their id there.
    external_id TEXT NOT NULL,
    -- Mail address, else name.
    name TEXT NOT NULL,
    -- When they were read last.
    updated_at TEXT NOT NULL,
    PRIMARY KEY (system, external_id)
) WITHOUT ROWID;

-- Deals.
CREATE TABLE opportunities (
    id BLOB PRIMARY KEY,
    -- Whose ids they have: salesforce, hubspot, …, import
    system TEXT NOT NULL,
    -- Its id there.
    external_id TEXT NOT NULL,
    -- Its id as Gong tells it in the context of calls; NULL where Gong told of none.
    gong_opportunity_id TEXT,
    -- Which connection reads it; NULL where none does.
    connection_id BLOB REFERENCES connections (id) ON DELETE SET NULL,
    name TEXT NOT NULL,
    -- The name in lower case: SQLite and some locales of PostgreSQL fold ASCII only.
    name_key TEXT NOT NULL,
    -- Name and firm in lower case, to be looked in.
    search_key TEXT NOT NULL,
    -- The firm's id there. No reference: the deal may come before it.
    account_external_id TEXT,
    -- What the firm is called.
    account TEXT,
    -- Whose deal it is, where that is somebody here.
    owner_id BLOB REFERENCES users (id) ON DELETE SET NULL,
    -- The same as the source says it: mail address, else name.
    owner TEXT,
    -- Their id there; NULL where the source names them otherwise. No reference: they may come later.
    owner_external_id TEXT,
    -- As the source calls it.
    stage TEXT NOT NULL,
    -- Since when it has it, as far as that is known.
    stage_since TEXT,
    -- open, won, lost
    status TEXT NOT NULL,
    -- What is sold.
    product TEXT,
    -- To whom: smb, enterprise, …
    segment TEXT,
    -- What it is worth, in hundredths of the unit of its currency.
    amount_cents BIGINT,
    -- ISO 4217.
    currency TEXT,
    -- The day on which it is to close, or has closed. YYYY-MM-DD.
    close_date TEXT,
    -- When it was made there.
    opened_at TEXT,
    -- When it was won or lost.
    closed_at TEXT,
    -- Health as the source reckons it, 0 to 100.
    source_health DOUBLE PRECISION,
    -- Health as it is reckoned here, 0 to 100; NULL while it was not.
    health BIGINT,
    -- What speaks for it and against it, each with what it rests on. JSON.
    signals TEXT NOT NULL DEFAULT '[]',
    -- What warns of it. JSON.
    warnings TEXT NOT NULL DEFAULT '[]',
    -- Whether its calls are to be looked for: it is new, or something has changed by which they are found.
    unlinked BOOLEAN NOT NULL DEFAULT TRUE,
    -- When health and warnings were reckoned; NULL where something has changed since.
    assessed_at TEXT,
    -- The latest of its calls and e-mails.
    last_activity_at TEXT,
    -- How many calls and e-mails it has.
    calls BIGINT NOT NULL DEFAULT 0,
    -- See calls.
    emails BIGINT NOT NULL DEFAULT 0,
    -- All that the source tells. JSON; NULL where it is not kept any more.
    metadata TEXT,
    -- When it was changed there.
    source_modified_at TEXT,
    created_at TEXT NOT NULL,
    -- When it was changed here.
    updated_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX opportunities_external ON opportunities (system, external_id);
CREATE INDEX opportunities_close ON opportunities (coalesce(close_date, ''), id);
CREATE INDEX opportunities_owner ON opportunities (owner_id, coalesce(close_date, ''), id);
CREATE INDEX opportunities_status ON opportunities (status, coalesce(close_date, ''), id);
CREATE INDEX opportunities_stage ON opportunities (stage, coalesce(close_date, ''), id);
CREATE INDEX opportunities_health ON opportunities (coalesce(health, -1), id);
CREATE INDEX opportunities_amount ON opportunities (coalesce(amount_cents, -1), id);
CREATE INDEX opportunities_name ON opportunities (substr(name_key, 1, 60), id);
CREATE INDEX opportunities_account ON opportunities (system, account_external_id);
CREATE INDEX opportunities_owner_there ON opportunities (system, owner_external_id);
CREATE INDEX opportunities_stale ON opportunities (id) WHERE assessed_at IS NULL;
CREATE INDEX opportunities_unlinked ON opportunities (id) WHERE unlinked;
CREATE INDEX opportunities_closed ON opportunities (closed_at) WHERE status <> 'open';
CREATE INDEX opportunities_product ON opportunities (product);

-- E-mails of deals.
CREATE TABLE emails (
    id BLOB PRIMARY KEY,
    -- The deal; an e-mail that belongs to two stands here twice.
    opportunity_id BLOB NOT NULL REFERENCES opportunities (id) ON DELETE CASCADE,
    -- See opportunities.
    system TEXT NOT NULL,
    -- Its id there.
    external_id TEXT NOT NULL,
    -- Redacted, as the snippet is.
    subject TEXT NOT NULL,
    -- Mail address, in lower case.
    sender TEXT NOT NULL,
    -- Mail addresses. JSON.
    recipients TEXT NOT NULL,
    -- When it was sent.
    sent_at TEXT NOT NULL,
    -- Whether the customer sent it.
    incoming BOOLEAN NOT NULL,
    -- The first 500 characters; NULL where they are not kept any more.
    snippet TEXT,
    -- Ids of the trackers that found something in it. JSON.
    mentions TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX emails_external ON emails (system, external_id, opportunity_id);
CREATE INDEX emails_timeline ON emails (opportunity_id, sent_at, id);
CREATE INDEX emails_old ON emails (sent_at) WHERE snippet IS NOT NULL;

-- Which calls belong to which deals.
CREATE TABLE call_opportunities (
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    opportunity_id BLOB NOT NULL REFERENCES opportunities (id) ON DELETE CASCADE,
    -- crm: its source says so; inferred: mail domains and dates say so; person: somebody said so
    how TEXT NOT NULL,
    -- Whether somebody said that it does not belong there: then it is not linked again.
    removed BOOLEAN NOT NULL DEFAULT FALSE,
    -- When it was linked or removed.
    linked_at TEXT NOT NULL,
    -- Who linked or removed it, as the audit trail names them; NULL where nobody did.
    linked_by TEXT,
    -- The stage that the deal had at the time of the call, where its source tells that.
    stage_then TEXT,
    PRIMARY KEY (call_id, opportunity_id)
) WITHOUT ROWID;
CREATE INDEX call_opportunities_opportunity ON call_opportunities (opportunity_id, call_id);

-- The mail domains of the customers of a call, by which deals find their calls.
CREATE TABLE call_domains (
    -- In lower case.
    domain TEXT NOT NULL,
    call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    PRIMARY KEY (domain, call_id)
) WITHOUT ROWID;
CREATE INDEX call_domains_call ON call_domains (call_id);

-- What the latest judgement of a call comes to, in few numbers: deals that were won and lost are compared by them.
CREATE TABLE call_values (
    call_id BLOB PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    -- Whose judgement it was.
    session_id BLOB NOT NULL,
    -- By which rubric.
    rubric_id TEXT NOT NULL,
    -- A number for each check and metric that could be judged. JSON.
    features TEXT NOT NULL,
    -- Where prices, red flags, next steps and open objections are. JSON.
    mentions TEXT NOT NULL
) WITHOUT ROWID;

-- How far those who follow the calls have read what is told of them.
CREATE TABLE followers (
    name TEXT PRIMARY KEY,
    -- As the table events numbers them.
    position TEXT NOT NULL,
    -- When they read last.
    updated_at TEXT NOT NULL
) WITHOUT ROWID;

-- What warns of a deal, as an admin has set it; what is not here is as the program has it.
CREATE TABLE deal_warnings (
    -- no_activity, ghosted, overdue, not_enough_contacts, no_power, pricing_not_mentioned, red_flag, stalled
    kind TEXT PRIMARY KEY,
    -- Whether it warns.
    enabled BOOLEAN NOT NULL,
    -- In days, calls or contacts, as the kind has it.
    threshold BIGINT NOT NULL,
    -- When it was set so.
    updated_at TEXT NOT NULL,
    -- By whom.
    updated_by BLOB REFERENCES users (id) ON DELETE SET NULL
) WITHOUT ROWID;

-- How far a CRM was read.
CREATE TABLE crm_marks (
    -- Which one.
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    -- deal, account, contact, email, owner
    object TEXT NOT NULL,
    -- Where reading goes on, as the client of the CRM says. JSON.
    mark TEXT NOT NULL,
    -- When its last page was kept.
    updated_at TEXT NOT NULL,
    PRIMARY KEY (connection_id, object)
) WITHOUT ROWID;

-- What a language model made of the findings of a deal.
CREATE TABLE opportunity_texts (
    opportunity_id BLOB PRIMARY KEY REFERENCES opportunities (id) ON DELETE CASCADE,
    -- SHA-256 of all that the answer depends on.
    key TEXT NOT NULL,
    -- The model, as its service names it.
    model TEXT NOT NULL,
    -- The sentences. JSON.
    words TEXT NOT NULL,
    -- What it cost in millionths of a US dollar; NULL where the price is not known.
    cost_micros BIGINT,
    created_at TEXT NOT NULL
) WITHOUT ROWID;

-- Reviews of a week.
CREATE TABLE weekly_reviews (
    id BLOB PRIMARY KEY,
    -- Id of the team, or all.
    scope TEXT NOT NULL,
    -- The Monday of the week that it is about, YYYY-MM-DD.
    week TEXT NOT NULL,
    -- What is told. JSON.
    document TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX weekly_reviews_week ON weekly_reviews (scope, week);
