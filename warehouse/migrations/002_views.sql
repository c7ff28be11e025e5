-- What people and exports read. A question's rows are those of every run that it went through;
-- join current_runs for the latest alone.

CREATE VIEW current_runs AS
SELECT *
FROM runs
QUALIFY row_number() OVER (PARTITION BY benchmark ORDER BY started_at DESC, id) = 1;
COMMENT ON VIEW current_runs IS 'the latest run of each benchmark';

CREATE VIEW kept_trajectories AS
SELECT *
FROM trajectories
WHERE kept;
COMMENT ON VIEW kept_trajectories IS 'trajectories that no filter dropped';

CREATE VIEW sft_rows AS
SELECT
    questions.id AS question,
    questions.benchmark,
    questions.eval_only,
    questions.licence,
    questions.recordings,
    questions.text,
    questions.choices,
    questions.answer,
    kept_trajectories.id AS trajectory,
    kept_trajectories.run,
    kept_trajectories.completion,
    kept_trajectories.sufficiency,
    kept_trajectories.audio_dependence
FROM kept_trajectories
JOIN questions ON questions.id = kept_trajectories.question;
COMMENT ON VIEW sft_rows IS
'supervised fine-tuning: a row is a question and one kept trajectory that answers it';

CREATE VIEW rl_rows AS
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
    GROUP BY question, run
) AS asked ON asked.question = questions.id;
COMMENT ON VIEW rl_rows IS
'reinforcement learning: a row is a question and the checked sub-questions that one run asked of it';
