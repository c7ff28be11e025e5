-- One table a noun of schemas/, one column a field. Ids have no index on purpose: a primary key
-- makes loading six times slower (measured), and the ingester never inserts an id twice.

CREATE TABLE recordings (
    id VARCHAR,
    locator VARCHAR,
    sample_rate_hz BIGINT,
    channels BIGINT,
    duration_s DOUBLE,
    decoder VARCHAR,
    edit STRUCT(
        name VARCHAR,
        version VARCHAR,
        sources VARCHAR[],
        params VARCHAR,
        seed BIGINT,
        truths STRUCT(
            property VARCHAR,
            subject VARCHAR,
            span STRUCT(start_s DOUBLE, end_s DOUBLE),
            value STRUCT(
                number DOUBLE,
                text VARCHAR,
                items STRUCT(label VARCHAR, start_s DOUBLE, end_s DOUBLE)[]
            ),
            state VARCHAR
        )[]
    ),
    licence VARCHAR,
    attribution VARCHAR
);
COMMENT ON TABLE recordings IS 'sound files; id is the sha256 of the bytes';

CREATE TABLE questions (
    id VARCHAR,
    benchmark VARCHAR,
    release VARCHAR,
    split VARCHAR,
    source_id VARCHAR,
    recordings VARCHAR[],
    text VARCHAR,
    choices VARCHAR[],
    answer VARCHAR,
    licence VARCHAR,
    eval_only BOOLEAN,
    task VARCHAR,
    skill VARCHAR
);
COMMENT ON TABLE questions IS 'questions as their benchmark states them';

CREATE TABLE extractions (
    id VARCHAR,
    recording VARCHAR,
    extractor VARCHAR,
    version VARCHAR,
    outcome VARCHAR,
    reason VARCHAR
);
COMMENT ON TABLE extractions IS 'that an extractor looked at a recording, and how that went';

CREATE TABLE observations (
    id VARCHAR,
    recording VARCHAR,
    property VARCHAR,
    subject VARCHAR,
    span STRUCT(start_s DOUBLE, end_s DOUBLE),
    value STRUCT(
        number DOUBLE,
        text VARCHAR,
        items STRUCT(label VARCHAR, start_s DOUBLE, end_s DOUBLE)[]
    ),
    confidence DOUBLE,
    extractor VARCHAR,
    version VARCHAR,
    witness VARCHAR
);
COMMENT ON TABLE observations IS 'one measurement of one extractor';

CREATE TABLE facts (
    id VARCHAR,
    recording VARCHAR,
    property VARCHAR,
    subject VARCHAR,
    span STRUCT(start_s DOUBLE, end_s DOUBLE),
    state VARCHAR,
    value STRUCT(
        number DOUBLE,
        text VARCHAR,
        items STRUCT(label VARCHAR, start_s DOUBLE, end_s DOUBLE)[]
    ),
    margin DOUBLE,
    tier VARCHAR,
    witnesses VARCHAR[],
    observations VARCHAR[],
    version VARCHAR,
    note VARCHAR
);
COMMENT ON TABLE facts IS 'what is settled of a recording, with tier and margin';

CREATE TABLE subquestions (
    id VARCHAR,
    question VARCHAR,
    position BIGINT,
    text VARCHAR,
    property VARCHAR,
    subject VARCHAR,
    recording VARCHAR,
    span STRUCT(start_s DOUBLE, end_s DOUBLE),
    fact VARCHAR,
    "check" STRUCT(
        kind VARCHAR,
        target STRUCT(
            number DOUBLE,
            text VARCHAR,
            items STRUCT(label VARCHAR, start_s DOUBLE, end_s DOUBLE)[]
        ),
        accepted VARCHAR[],
        unit VARCHAR,
        tolerance DOUBLE,
        relative BOOLEAN,
        zero_at DOUBLE,
        source VARCHAR,
        undecided DOUBLE[]
    ),
    answer VARCHAR,
    distractors VARCHAR[],
    choices VARCHAR[],
    prior DOUBLE,
    tier VARCHAR,
    need VARCHAR,
    run VARCHAR
);
COMMENT ON TABLE subquestions IS 'perception sub-questions, each bound to a fact and its check';

CREATE TABLE trajectories (
    id VARCHAR,
    question VARCHAR,
    run VARCHAR,
    rollout BIGINT,
    subquestions VARCHAR[],
    steps STRUCT(text VARCHAR, uses VARCHAR[])[],
    draft VARCHAR,
    review VARCHAR,
    answer VARCHAR,
    completion VARCHAR,
    teacher VARCHAR,
    sampling VARCHAR,
    probes STRUCT(facts VARCHAR, "order" BIGINT, answer VARCHAR, "right" BOOLEAN)[],
    sufficiency VARCHAR,
    audio_dependence VARCHAR,
    kept BOOLEAN
);
COMMENT ON TABLE trajectories IS 'perception, steps, draft, review, answer: one rollout of the teacher';

CREATE TABLE claims (
    id VARCHAR,
    trajectory VARCHAR,
    property VARCHAR,
    subject VARCHAR,
    audio BIGINT,
    span STRUCT(start_s DOUBLE, end_s DOUBLE),
    said VARCHAR,
    start BIGINT,
    "end" BIGINT,
    tagged BOOLEAN
);
COMMENT ON TABLE claims IS 'what a trajectory says of a recording, where in its text';

CREATE TABLE verdicts (
    id VARCHAR,
    claim VARCHAR,
    judgement VARCHAR,
    "check" VARCHAR,
    reason VARCHAR,
    version VARCHAR
);
COMMENT ON TABLE verdicts IS 'how a claim was judged, by which version of the verifier';

CREATE TABLE rejections (
    id VARCHAR,
    run VARCHAR,
    stage VARCHAR,
    kind VARCHAR,
    record VARCHAR,
    question VARCHAR,
    filter VARCHAR,
    reason VARCHAR
);
COMMENT ON TABLE rejections IS 'which filter dropped which record, and why';

CREATE TABLE runs (
    id VARCHAR,
    code_version VARCHAR,
    benchmark VARCHAR,
    release VARCHAR,
    config VARCHAR,
    teacher VARCHAR,
    model VARCHAR,
    revision VARCHAR,
    prompts STRUCT(name VARCHAR, sha256 VARCHAR)[],
    seed BIGINT,
    started_at VARCHAR
);
COMMENT ON TABLE runs IS 'code version, configuration, model, prompts and seed of a run';

CREATE TABLE shards (
    stage VARCHAR,
    name VARCHAR
);
COMMENT ON TABLE shards IS 'the Parquet shards that have been taken in, by stage and hash';

CREATE TABLE finished (
    stage VARCHAR,
    key VARCHAR,
    shard VARCHAR
);
COMMENT ON TABLE finished IS 'the input rows that a stage is done with, and the shard that says so';
