-- How a call belongs to a deal can be 'file' as well: a file that was brought in says so.

-- What warns of a deal, each kind between spaces, so that deals are found by it: ' ghosted overdue '.
ALTER TABLE opportunities ADD COLUMN warned TEXT NOT NULL DEFAULT '';
UPDATE opportunities SET warned =
    coalesce((SELECT ' ' || string_agg(warning ->> 'kind', ' ') || ' ' FROM jsonb_array_elements(warnings) AS warning), '')
    WHERE jsonb_array_length(warnings) > 0;
