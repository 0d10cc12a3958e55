-- What is known of the product, in documents that people bring: sheets and playbooks that statements about the product are held against.

-- Documents in versions; each is kept, because answers cite it.
CREATE TABLE knowledge_documents (
    id uuid NOT NULL,
    -- Counted up with each text that is brought for it.
    version BIGINT NOT NULL,
    -- What it is called; one that is in use has a name of its own.
    name TEXT NOT NULL,
    -- markdown, text, pdf: what this version was read from.
    kind TEXT NOT NULL,
    -- SHA-256 of its sections: headings and words.
    sha256 TEXT NOT NULL,
    -- When this version came in.
    created_at timestamptz NOT NULL,
    -- The user who brought this version; NULL for somebody at the machine.
    created_by uuid,
    -- Since when nothing is held against it any more; the same in all versions.
    retired_at timestamptz,
    PRIMARY KEY (id, version)
);

-- The parts of a document that are found and cited, in the order of the document.
CREATE TABLE knowledge_sections (
    -- The document that it is part of.
    document_id uuid NOT NULL,
    -- The version of it.
    version BIGINT NOT NULL,
    -- From 1.
    position BIGINT NOT NULL,
    -- The headings above it with ` › ` between them; empty where there are none.
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    -- How many tokens headings and words have, about.
    tokens BIGINT NOT NULL,
    PRIMARY KEY (document_id, version, position),
    FOREIGN KEY (document_id, version) REFERENCES knowledge_documents (id, version) ON DELETE CASCADE
);
