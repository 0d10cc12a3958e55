-- How a call belongs to a deal can be 'file' as well: a file that was brought in says so.

-- What warns of a deal, each kind between spaces, so that deals are found by it: ' ghosted overdue '.
ALTER TABLE opportunities ADD COLUMN warned TEXT NOT NULL DEFAULT '';
UPDATE opportunities SET warned =
    coalesce((SELECT ' ' || group_concat(json_extract(value, '$.kind'), ' ') || ' ' FROM json_each(warnings)), '');

-- All that lists of deals are filtered and ordered by, so that they read no whole rows: those are wide.
CREATE INDEX opportunities_narrow ON opportunities (status, stage, product, segment, owner_id, health, close_date, amount_cents, warned, name_key, search_key, id);
DROP INDEX opportunities_product;

-- Open deals by when they were reckoned, and those of whom nobody here is known to be the owner: both are looked for all the time.
CREATE INDEX opportunities_aged ON opportunities (assessed_at) WHERE status = 'open';
CREATE INDEX opportunities_ownerless ON opportunities (lower(owner)) WHERE owner_id IS NULL AND owner IS NOT NULL;

-- Deals that were deleted in their CRM: what others still tell of them does not bring them back.
CREATE TABLE crm_gone (
    -- Whose ids they have.
    system TEXT NOT NULL,
    -- Its id there.
    external_id TEXT NOT NULL,
    PRIMARY KEY (system, external_id)
) WITHOUT ROWID;
