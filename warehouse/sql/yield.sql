-- What came into each stage of each run, what each filter dropped and why, what was kept.
-- A row without a filter is the stage as a whole. A record that two filters dropped counts in both
-- and once in the whole. Filters that dropped nothing are there too, with 0. Replies that were used are not counted anywhere: kept is null for them.
WITH
read_since AS (
    SELECT runs.id AS run, questions.source_id AS record
    FROM runs
    JOIN questions USING (benchmark, release)
),
-- A row that could not be read once, and was mended since, is dropped no more.
dropped_now AS (
    SELECT rejections.*
    FROM current_rejections AS rejections
    ANTI JOIN read_since
        ON rejections.stage = 'read' AND rejections.run = read_since.run
        AND rejections.record = read_since.record
),
present AS (
    SELECT runs.id AS run, 'read' AS made_by, 'question' AS kind, questions.id AS record
    FROM runs
    JOIN questions USING (benchmark, release)
    UNION ALL
    SELECT DISTINCT runs.id, 'observe', 'recording', unnest(questions.recordings)
    FROM runs
    JOIN questions USING (benchmark, release)
    UNION ALL
    SELECT run, 'decompose', 'subquestion', id FROM subquestions
    UNION ALL
    SELECT run, 'reason', 'trajectory', id FROM trajectories
    UNION ALL
    SELECT run, 'contrast', 'hard_negative', id FROM hard_negatives
    -- The last stage chooses from what came through all others.
    UNION ALL
    SELECT DISTINCT run, 'filter', 'question', question
    FROM subquestions
    SEMI JOIN current_selections USING (run)
    UNION ALL
    SELECT run, 'filter', 'trajectory', id
    FROM trajectories
    SEMI JOIN current_selections USING (run)
    ANTI JOIN left_out
        ON left_out.run = trajectories.run AND left_out.record = trajectories.question
    WHERE kept
),
-- Looking at a recording belongs to no run: a recording dropped there counts in each that met it.
dropping AS (
    SELECT * FROM dropped_now AS rejections WHERE run <> ''
    UNION ALL
    SELECT rejections.* REPLACE (present.run AS run)
    FROM dropped_now AS rejections
    JOIN present USING (kind, record)
    WHERE rejections.run = ''
),
applied AS (
    SELECT run, filter.stage, filter.kind, filter.name AS filter
    FROM (SELECT run, unnest(filters) AS filter FROM current_selections)
),
stages AS (
    SELECT run, stage, kind FROM dropping
    UNION
    SELECT run, stage, kind FROM applied
    UNION
    SELECT run, made_by, kind FROM present
),
dropped AS (
    SELECT run, stage, kind, count(DISTINCT record) AS dropped
    FROM dropping
    GROUP BY run, stage, kind
),
kept AS (
    SELECT stages.run, stages.stage, stages.kind, count(*) AS kept
    FROM stages
    JOIN present
        ON present.run = stages.run AND present.kind = stages.kind
        AND (present.made_by = 'filter') = (stages.stage = 'filter')
    ANTI JOIN dropping
        ON dropping.run = stages.run AND dropping.stage = stages.stage
        AND dropping.kind = stages.kind AND dropping.record = present.record
    GROUP BY ALL
),
reasons AS (
    SELECT run, stage, kind, filter, reason, count(DISTINCT record) AS times
    FROM dropping
    GROUP BY ALL
),
commonest AS (
    SELECT run, stage, kind, filter,
        string_agg(reason || ' (' || times || ')', '; ' ORDER BY times DESC, reason) AS reasons
    FROM (
        SELECT *
        FROM reasons
        QUALIFY row_number() OVER (
            PARTITION BY run, stage, kind, filter ORDER BY times DESC, reason
        ) <= 3
    )
    GROUP BY ALL
),
filters AS (
    SELECT run, stage, kind, filter, count(DISTINCT record) AS dropped
    FROM dropping
    GROUP BY ALL
    UNION ALL
    SELECT applied.*, 0
    FROM applied
    ANTI JOIN dropping USING (run, stage, kind, filter)
    UNION ALL
    SELECT stages.run, stages.stage, stages.kind, NULL, coalesce(dropped.dropped, 0)
    FROM stages
    LEFT JOIN dropped USING (run, stage, kind)
),
counted AS (
    SELECT
        filters.*,
        commonest.reasons,
        CASE
            WHEN filters.kind <> 'reply'
                THEN coalesce(kept.kept, 0) + coalesce(dropped.dropped, 0)
        END AS came_in
    FROM filters
    LEFT JOIN dropped USING (run, stage, kind)
    LEFT JOIN kept USING (run, stage, kind)
    LEFT JOIN commonest USING (run, stage, kind, filter)
)
SELECT
    runs.benchmark,
    run,
    stage,
    kind,
    filter,
    came_in,
    dropped,
    came_in - dropped AS kept,
    round((came_in - dropped) / nullif(came_in, 0), 3) AS share_kept,
    reasons
FROM counted
LEFT JOIN runs ON runs.id = run
ORDER BY
    runs.started_at DESC NULLS LAST, run,
    list_position(['read', 'observe', 'decompose', 'reason', 'verify', 'contrast', 'filter'],
        stage)  NULLS LAST,
    stage, kind, filter NULLS FIRST;
