-- Old facts are superseded, never edited: which ones stand today is told by the latest settlement.

CREATE TABLE settlements (
    id VARCHAR,
    recording VARCHAR,
    instruments VARCHAR[],
    rules VARCHAR,
    facts VARCHAR[],
    settled_at VARCHAR
);
COMMENT ON TABLE settlements IS 'all that was settled of a recording at one time';

ALTER TABLE runs ADD COLUMN instruments VARCHAR[];

CREATE VIEW current_facts AS
SELECT facts.*
FROM facts
SEMI JOIN (
    SELECT unnest(facts) AS id
    FROM settlements
    QUALIFY row_number() OVER (PARTITION BY recording ORDER BY settled_at DESC, id) = 1
) USING (id);
COMMENT ON VIEW current_facts IS
'the facts of each recording''s latest settlement; those it left out are superseded';
