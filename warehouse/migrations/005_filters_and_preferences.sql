-- What the filters leave out of a run's whole, and what is worse than what was kept, as pairs.
-- A selection supersedes the run's earlier ones: what an earlier one dropped may stand again.

CREATE TABLE selections (
    id VARCHAR,
    run VARCHAR,
    filters STRUCT(stage VARCHAR, kind VARCHAR, name VARCHAR)[],
    dropped VARCHAR[],
    version VARCHAR,
    selected_at VARCHAR
);
COMMENT ON TABLE selections IS 'what the filters of a run left out, the latest is the one that counts';

CREATE TABLE hard_negatives (
    id VARCHAR,
    run VARCHAR,
    question VARCHAR,
    trajectory VARCHAR,
    source VARCHAR,
    kind VARCHAR,
    claim VARCHAR,
    property VARCHAR,
    said VARCHAR,
    completion VARCHAR,
    "check" VARCHAR,
    reason VARCHAR,
    chosen_reward DOUBLE,
    rejected_reward DOUBLE,
    version VARCHAR
);
COMMENT ON TABLE hard_negatives IS
'completions that are worse than a kept trajectory in a known way, and earn less';

CREATE VIEW current_selections AS
SELECT *
FROM selections
QUALIFY row_number() OVER (PARTITION BY run ORDER BY selected_at DESC, id) = 1;
COMMENT ON VIEW current_selections IS 'the latest selection of each run';

CREATE VIEW current_rejections AS
SELECT rejections.*
FROM rejections
WHERE stage <> 'filter'
UNION ALL
SELECT rejections.*
FROM rejections
SEMI JOIN (SELECT unnest(dropped) AS id FROM current_selections) USING (id)
WHERE stage = 'filter';
COMMENT ON VIEW current_rejections IS
'rejections that stand: those of the stage "filter" only if the latest selection names them';

CREATE VIEW left_out AS
SELECT DISTINCT run, kind, record
FROM current_rejections
WHERE stage = 'filter';
COMMENT ON VIEW left_out IS 'questions and trajectories that the latest selection of a run drops';

CREATE OR REPLACE VIEW kept_trajectories AS
SELECT trajectories.*
FROM trajectories
ANTI JOIN left_out AS mine
    ON mine.run = trajectories.run AND mine.record = trajectories.id
ANTI JOIN left_out AS its_question
    ON its_question.run = trajectories.run AND its_question.record = trajectories.question
WHERE kept;
COMMENT ON VIEW kept_trajectories IS 'trajectories that no filter dropped';

CREATE OR REPLACE VIEW rl_rows AS
SELECT
    questions.id AS question,
    questions.benchmark,
    questions.eval_only,
    questions.licence,
    questions.recordings,
    questions.text,
    questions.choices,
    questions.answer,
    asked.run,
    asked.subquestions
FROM questions
JOIN (
    SELECT
        question,
        run,
        list(
            {
                id: id, text: text, choices: choices, answer: answer, property: property,
                subject: subject, recording: recording, span: span, "check": "check",
                prior: prior, tier: tier, need: need
            }
            ORDER BY position, id
        ) AS subquestions
    FROM subquestions
    ANTI JOIN left_out
        ON left_out.run = subquestions.run AND left_out.record = subquestions.question
    GROUP BY question, run
) AS asked ON asked.question = questions.id;
COMMENT ON VIEW rl_rows IS
'reinforcement learning: a row is a question and the checked sub-questions that one run asked of it';

CREATE VIEW preference_pairs AS
SELECT
    hard_negatives.id AS pair,
    questions.id AS question,
    questions.benchmark,
    questions.eval_only,
    questions.licence,
    questions.recordings,
    questions.text,
    questions.choices,
    questions.answer,
    hard_negatives.run,
    hard_negatives.source,
    hard_negatives.kind,
    hard_negatives.property,
    hard_negatives.said,
    kept_trajectories.id AS trajectory,
    kept_trajectories.completion AS chosen,
    hard_negatives.completion AS rejected,
    hard_negatives.chosen_reward,
    hard_negatives.rejected_reward,
    hard_negatives.reason
FROM hard_negatives
JOIN kept_trajectories ON kept_trajectories.id = hard_negatives.trajectory
JOIN questions ON questions.id = hard_negatives.question;
COMMENT ON VIEW preference_pairs IS
'preference learning: a row is a kept trajectory and a completion of the same question that earns less';
