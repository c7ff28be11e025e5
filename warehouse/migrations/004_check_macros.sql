-- The checks of one value, as synth.checks judges them, for queries over many answers. SQL reads
-- no prose: a number comes already read, in the check's unit; a text is compared as it is written.
-- What a macro takes for right, Python takes for right; on numbers the two always agree.

CREATE MACRO number_error(said, target, relative) AS
CASE
    WHEN NOT relative THEN abs(said - target)
    WHEN target <> 0 THEN abs(said - target) / abs(target)
    WHEN said = 0 THEN 0.0
    ELSE CAST('infinity' AS DOUBLE)
END;
COMMENT ON MACRO number_error IS
'number_error(said, target, relative): how far off a number is, as a share of the target or not';

CREATE MACRO judge_number(said, asked) AS
CASE
    WHEN said IS NULL OR asked.target.number IS NULL THEN NULL
    WHEN number_error(said, asked.target.number, asked.relative) <= asked.tolerance + 1e-9 THEN TRUE
    -- What the witnesses cannot tell from the target is neither right nor wrong.
    WHEN coalesce(list_bool_or(list_transform(
        asked.undecided,
        LAMBDA rival: number_error(said, rival, asked.relative) <= asked.tolerance + 1e-9
    )), FALSE) THEN NULL
    ELSE FALSE
END;
COMMENT ON MACRO judge_number IS
'judge_number(said, check): TRUE right, FALSE another number, NULL undecided or no number; '
'said is a number in the check''s unit';

CREATE MACRO passes_number(said, asked) AS coalesce(judge_number(said, asked), FALSE);
COMMENT ON MACRO passes_number IS
'passes_number(said, check): whether a number in the check''s unit is right';

CREATE MACRO ratio_error(said, target) AS
CASE WHEN said / nullif(target, 0) > 0 THEN abs(ln(said / target)) END;
COMMENT ON MACRO ratio_error IS
'ratio_error(said, target): the log-ratio of two numbers, NULL where they have none';

CREATE MACRO grade_number(said, asked) AS
CASE
    WHEN judge_number(said, asked) THEN 1.0
    WHEN judge_number(said, asked) IS NULL THEN 0.0
    WHEN coalesce(asked.zero_at <= asked.tolerance, TRUE) THEN 0.0
    WHEN asked.relative AND ratio_error(said, asked.target.number) IS NULL THEN 0.0
    WHEN asked.relative THEN greatest(0.0, least(
        1.0 - 1.1102230246251565e-16,
        (ln(1 + asked.zero_at) - ratio_error(said, asked.target.number))
        / (ln(1 + asked.zero_at) - ln(1 + asked.tolerance))
    ))
    ELSE greatest(0.0, least(
        1.0 - 1.1102230246251565e-16,
        (asked.zero_at - abs(said - asked.target.number)) / (asked.zero_at - asked.tolerance)
    ))
END;
COMMENT ON MACRO grade_number IS
'grade_number(said, check): how near a number in the check''s unit comes, 0 to 1';

CREATE MACRO plain_signs(said) AS regexp_replace(
    translate(
        replace(lower(nfc_normalize(regexp_replace(said, '\p{Cf}', '', 'g'))), 'ß', 'ss'),
        '♯♭’‘“”−–—', '#b''''""---'
    ),
    '[^\p{L}\p{N}#°%/+''.:,\-<>=$€£]', ' ', 'g'
);
COMMENT ON MACRO plain_signs IS
'plain_signs(said): a text in lower case, with one kind of each sign and no other punctuation';

CREATE MACRO is_loose(sign, previous, following) AS
CASE
    WHEN sign IN ('.', ',', ':')
        THEN NOT (regexp_matches(previous, '\d') AND regexp_matches(following, '\d'))
    WHEN sign IN ('''', '/')
        THEN NOT (regexp_matches(previous, '[\p{L}\p{N}]')
            AND regexp_matches(following, '[\p{L}\p{N}]'))
    WHEN sign = '-'
        THEN regexp_matches(previous, '[\p{L}\p{N}]') OR NOT regexp_matches(following, '\d')
    ELSE FALSE
END;
COMMENT ON MACRO is_loose IS
'is_loose(sign, previous, following): whether a sign says nothing where it stands: no decimal '
'point, no sign of a number, not inside a word';

CREATE MACRO without_loose(plain) AS trim(regexp_replace(
    CASE
        WHEN regexp_matches(plain, '[.,:''/-]') THEN array_to_string(list_transform(
            range(1, length(plain) + 1),
            LAMBDA place: CASE
                WHEN is_loose(
                    substring(plain, place, 1),
                    CASE WHEN place > 1 THEN substring(plain, place - 1, 1) ELSE '' END,
                    substring(plain, place + 1, 1)
                ) THEN ' '
                ELSE substring(plain, place, 1)
            END
        ), '')
        ELSE plain
    END,
    ' +', ' ', 'g'
));
COMMENT ON MACRO without_loose IS 'without_loose(plain): a text without the signs that say nothing';

CREATE MACRO normalised(said) AS without_loose(plain_signs(said));
COMMENT ON MACRO normalised IS
'normalised(said): a text as it is compared; case, spacing and loose punctuation gone';

CREATE MACRO passes_text(said, asked) AS coalesce(
    normalised(said) <> ''
    AND NOT regexp_matches(said, '[?？][\s"''*`”’)\]}]*$')
    AND list_contains(
        list_transform(
            list_concat(
                [asked.target.text],
                list_transform(coalesce(asked.target.items, []), LAMBDA item: item.label),
                asked.accepted
            ),
            LAMBDA spelling: normalised(spelling)
        ),
        normalised(said)
    ),
    FALSE
);
COMMENT ON MACRO passes_text IS
'passes_text(said, check): whether a text is the target or one of its accepted spellings, and '
'nothing else; plurals, articles and frames ("it is a ...") are left to Python';
