-- Everything of one question, by its id or its source_id ($question), in the order in which it was
-- made: question, recordings, what was heard, what was settled, asked, reasoned, claimed, dropped.
WITH
asked AS (
    SELECT * FROM questions WHERE id = $question OR source_id = $question
),
heard AS (
    SELECT * FROM recordings WHERE id IN (SELECT unnest(recordings) FROM asked)
),
told AS (
    SELECT * FROM trajectories WHERE question IN (SELECT id FROM asked)
),
lines AS (
    SELECT 1 AS part, 'question' AS what, id, source_id AS place,
        concat_ws(' | ', text, array_to_string(choices, ' / '), 'answer: ' || answer) AS says
    FROM asked
    UNION ALL
    SELECT 2, 'recording', id, locator,
        concat(round(duration_s, 2), ' s, ', sample_rate_hz, ' Hz, ', channels, ' channels',
            ', made by ' || edit.name)
    FROM heard
    UNION ALL
    SELECT 3, 'extraction', extractions.id, extractor,
        concat_ws(': ', outcome, nullif(reason, ''))
    FROM extractions
    JOIN heard ON heard.id = extractions.recording
    UNION ALL
    SELECT 4, 'fact', facts.id, concat_ws(' of ', property, nullif(subject, '')),
        concat_ws(' | ',
            coalesce(value.number::VARCHAR, value.text,
                array_to_string(list_transform(value.items, lambda item: item.label), ', '), state),
            span.start_s || '-' || span.end_s || ' s',
            tier || ' by ' || array_to_string(witnesses, ', '), nullif(note, ''))
    FROM facts
    JOIN heard ON heard.id = facts.recording
    UNION ALL
    SELECT 5, 'subquestion', subquestions.id, run || ' ' || position,
        concat_ws(' | ', subquestions.text, array_to_string(subquestions.choices, ' / '),
            'answer: ' || subquestions.answer, tier, need)
    FROM subquestions
    JOIN asked ON asked.id = subquestions.question
    UNION ALL
    SELECT 6, 'trajectory', id, run || ' ' || rollout,
        concat_ws(' | ', if(kept, 'kept', 'dropped'), sufficiency, 'audio ' || audio_dependence,
            completion)
    FROM told
    UNION ALL
    SELECT 7, 'claim', claims.id, claims.trajectory || ' ' || lpad(claims.start::VARCHAR, 6, '0'),
        concat_ws(' | ', concat_ws(' of ', claims.property, nullif(claims.subject, '')),
            claims.said, verdicts.judgement, nullif(verdicts.reason, ''))
    FROM claims
    JOIN told ON told.id = claims.trajectory
    LEFT JOIN verdicts ON verdicts.claim = claims.id
    UNION ALL
    SELECT 8, 'rejection', id, concat_ws(' ', stage, kind, filter), reason
    FROM current_rejections
    WHERE
        question IN (SELECT id FROM asked)
        OR record IN (
            SELECT id FROM asked UNION ALL SELECT id FROM heard UNION ALL SELECT source_id FROM asked
        )
)
SELECT what, place, says, id
FROM lines
ORDER BY part, place, id;
