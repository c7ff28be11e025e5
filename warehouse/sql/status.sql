-- How much there is: rows a table, finished input rows a stage, and each run, the latest first.
SELECT what, name, rows, note
FROM (
    SELECT 1 AS part, 'table' AS what, 'recordings' AS name, count(*) AS rows, '' AS note
    FROM recordings
    UNION ALL SELECT 1.01, 'table', 'questions', count(*), '' FROM questions
    UNION ALL SELECT 1.02, 'table', 'extractions', count(*),
        concat_ws(', ', count(*) FILTER (outcome = 'abstained') || ' abstained',
            count(*) FILTER (outcome = 'failed') || ' failed') FROM extractions
    UNION ALL SELECT 1.03, 'table', 'observations', count(*), '' FROM observations
    UNION ALL SELECT 1.04, 'table', 'facts', count(*),
        count(*) FILTER (tier = 'contested') || ' contested' FROM facts
    UNION ALL SELECT 1.05, 'table', 'subquestions', count(*), '' FROM subquestions
    UNION ALL SELECT 1.06, 'table', 'trajectories', count(*),
        count(*) FILTER (kept) || ' kept' FROM trajectories
    UNION ALL SELECT 1.07, 'table', 'claims', count(*), '' FROM claims
    UNION ALL SELECT 1.08, 'table', 'verdicts', count(*),
        count(*) FILTER (judgement = 'refuted') || ' refuted' FROM verdicts
    UNION ALL SELECT 1.085, 'table', 'hard_negatives', count(*), '' FROM hard_negatives
    UNION ALL SELECT 1.09, 'table', 'rejections', count(*), '' FROM rejections
    UNION ALL SELECT 1.10, 'table', 'runs', count(*), '' FROM runs
    UNION ALL SELECT 2, 'stage', stage, count(*), 'input rows finished' FROM finished GROUP BY stage
    UNION ALL
    SELECT 3 + row_number() OVER (ORDER BY started_at DESC, id), 'run', id, NULL,
        concat_ws(', ', benchmark || ' ' || release, started_at,
            teacher || ' ' || model, 'code ' || code_version)
    FROM runs
)
ORDER BY part, name;
