"""What a question's wording must hold, and must not hold, for a property to be what it asks.

One row a property: (must, must not) as regular expressions, "" for nothing forbidden. Kept narrow:
a wording refused here is asked again, a wording that passes gets an instrument's answer.
"""

_SPEAKS = r"(speak|speech|talk)"
_PACE = r"(rate|speed|pace)"
_VOICES = r"(speakers?|voices?|talkers?|person|people|somebody|someone)"
_WHICH_WORDS = r"\b(which|what) words (are|were|can|do|does|did) "
_IS_SAID = r"\bwhat (is|was) (being )?(said|spoken)"
_WHAT_SAYS = rf"\bwhat (does|do|did|is|are) (the )?{_VOICES} (say|saying)"
_TALKERS = r"(speakers?|voices?|talkers?|(people|persons?) .*(speak|talk|conver))"
_SOUND = r"\b(which|what) (sounds?|noise|event|is heard|can be heard|comes?|is the)\b"
_TIME = r"\b(time|seconds?|when|how)\b"
_WHEN = r"(\bwhen\b|\b(what|which) (times?|seconds?|moments?|points?|parts?|stretch\w*)\b)"
_WORD = r"\b(which|what)\b.*\bword\b"
_WHICH = r"\b(which|what)\b"
_HOW_OFTEN = r"(how (many times|often)|number of times)\b"
_CHANGE = r"(chang|develop|evolve|mov)"
_TALKING = r"(speak|talk|turn|voice|people|persons?\b|\bwho\b)"
_OF_SOME = r"\b(speech|music|song|conversation|voices?|piece|excerpt|scene)\b"
_LASTS = r"\b(how long|how many seconds|duration|length)\b"
_NOT_A_CHANGE = r"\b(when|where|why|who|many|much|often)\b"

CUES = {
    "tempo": (
        r"tempo|\bbpm\b|beats per minute|how fast is the (music|beat|song|piece)",
        r"speak|speech|talk|voice|footstep|walk|tapping|chang|develop|evolve",
    ),
    "key": (r"\b(which|what)\b.*(\bkey\b|tonality)", r"first note|chord"),
    "instrument": (
        r"\b(which|what)\b.*\binstruments?",
        r"how many|solo|lead|first|last|melody|main",
    ),
    "pitch": (r"pitch|hertz|\bhz\b|fundamental frequency", r"notes?\b|absolute|perfect"),
    "loudness": (r"\bloud(ness)?\b|\blufs\b", r"\bthan\b"),
    "presence": (
        r"hear|present|presence|occur|contain|include|there|sound|play|audible|speak|talk",
        r"\bonly\b|\bor\b|\bnot\b|n't\b|\bwithout\b|more than|once|twice",
    ),
    "event": (
        r"\b(which|what)\b.*\b(sounds?|noises?|events?)\b|what (is|can be) heard",
        r"how many|\b(first|last|main|before|after)\b",
    ),
    "event_count": (r"how many times|how often|number of times", r"per (second|minute)|in a row"),
    "event_order": (
        r"\b(which|what)\b.*\b(order|sequence)\b",
        r"from (the )?(last|end)|revers|backwards|\b(speakers?|voices)\b.*\b(talk|speak|turn)",
    ),
    "first_event": (
        rf"(?=.*\b(first|earliest|initial(ly)?)\b){_SOUND}",
        rf"{_TIME}|\b(last|final|ends?|follows?|after|before|second)\b",
    ),
    "last_event": (
        rf"(?=.*\b(last|latest|final(ly)?)\b){_SOUND}",
        rf"{_TIME}|\b(first|earliest|initial|starts?|begins?|after|before|second)\b",
    ),
    "onset": (
        r"\bwhen\b|\b(what|which) (time|second|moment|point)\b|how many seconds into",
        r"\b(last|ends?|stops?|finish|again|next|second time|third)\b",
    ),
    "speech_segments": (
        rf"\bwhen\b.*{_SPEAKS}|(what|which) (times?|parts?|stretch).*{_SPEAKS}",
        r"stop|first|last",
    ),
    "words": (
        rf"{_WHICH_WORDS}|{_IS_SAID}|{_WHAT_SAYS}|transcri",
        r"\b(want|mean|should|try|first|last)\b|\bto say\b",
    ),
    "word_count": (r"(how many|number of|count of) (total |spoken )?words\b", r"times"),
    "speech_rate": (
        rf"words per minute|how (fast|quickly|slowly)|{_SPEAKS}(ing)? {_PACE}|{_PACE} .*{_SPEAKS}",
        r"tempo|music",
    ),
    "language": (r"\b(which|what)\b.*\blanguages?\b", r"how many|programming|first language"),
    "speaker_count": (
        rf"(how many|number of) (\w+ )?{_TALKERS}",
        r"\b(fe)?male|\b(wo)?m[ae]n\b|\b(boy|girl|child|adult)|sing",
    ),
    "turns": (
        rf"(?=.*{_TALKING}).*{_WHICH}.*\b(order|sequence)\b|who .*(speaks|talks).*\bafter\b",
        "",
    ),
    "tempo_change": (
        rf"^(how|in (which|what) way)\b.*(tempo|speed|pace)\b.*{_CHANGE}",
        rf"{_NOT_A_CHANGE}|speak|speech|talk|voice|footstep|walk",
    ),
    "beats": (rf"{_WHEN}.*\bbeats?\b", r"\b(per|first|last|bars?|bpm)\b|how many"),
    "downbeats": (
        rf"{_WHEN}.*(\bbars?\b.*(begin|start)|downbeats?|(begin|start).*\bbars?\b)",
        r"\b(first|last)\b|how many",
    ),
    "metre": (
        r"\bbeats?\b.*\b(bar|measure)\b|time signature|\bmet(re|er)\b",
        r"\b(minute|second|when)\b",
    ),
    "tonic": (
        r"\btonic\b|\bkey ?note\b|note .*\bkey\b.*\b(built|based)\b",
        r"chord|first|last|how many",
    ),
    "mode": (r"\bmode\b", r"chord|how many"),
    "chords": (
        r"\b(which|what)\b.*(\border\b.*\bchords?\b|chord (progression|sequence))",
        r"\b(first|last|final|begins?|starts?|ends?|most|how many|from)\b|revers",
    ),
    "offset": (
        rf"{_WHEN}.*\b(last|ends?|stops?|finish\w*)\b",
        r"\b(first|starts?|begins?|again|long|next)\b",
    ),
    "event_duration": (_LASTS, r"\b(until|before|after|first|into|pause|gap|between|each|every)\b"),
    "repetitions": (
        rf"{_HOW_OFTEN}.*(\bsame\b|\bin a row\b)|(how many|number of) repetitions",
        r"\bwords?\b|per (second|minute)",
    ),
    "odd_one_out": (r"\bwhich\b.*(differ|\bodd\b|\bunlike\b)", r"\b(how|when|why|many)\b"),
    "foreground": (r"\b(which|what)\b.*\bforeground\b", r"background|\bnot\b|how many"),
    "background": (r"\b(which|what)\b.*\bbackground\b", r"foreground|\bnot\b|how many|\bloud"),
    "stereo_position": (
        r"\b(which|what) (side|direction|channel)|\bwhere\b.*\bstereo\b",
        r"\bmov|travel|\bpan",
    ),
    "stereo_movement": (
        r"^(how|in (which|what) direction|between which)\b.*(\bmov|travel)",
        rf"closer|nearer|away|approach|{_NOT_A_CHANGE}",
    ),
    "first_word": (
        rf"(?=.*\bfirst\b){_WORD}",
        rf"{_TIME}|\b(last|final|second|after|before|means?)\b|words\b",
    ),
    "last_word": (
        rf"(?=.*\b(last|final)\b){_WORD}",
        rf"{_TIME}|\b(first|second|after|before|means?)\b|words\b",
    ),
    "word_onset": (
        rf"{_WHEN}.*(spoken|said|uttered|word)",
        r"\b(last|ends?|stops?|finish|again|next|second time|third)\b",
    ),
    "stressed_word": (
        rf"{_WORD}.*(stress|emphas)|{_WHICH}.*(stressed|emphasi\w+)\b.*\bword\b",
        r"unstressed|least|syllable|how many|words\b",
    ),
    "pause_count": (r"(how many|number of) pauses\b", r"\blong|\bshort|music"),
    "longest_pause": (rf"(?=.*\blongest pause\b).*({_LASTS}|how long)", r"music|how many pauses"),
    "speaker_words": (
        rf"{_WHICH_WORDS}|\bwhat (does|do|did|is|are)\b.*\b(say|saying|said)\b|transcri",
        r"\b(want|mean|should|try)\b|\bto say\b|\b(first|last) words?\b",
    ),
    "overlapped_speech": (
        rf"{_WHEN}.*(at the same time|simultaneous|at once|overlap|over each)",
        r"how (many|long|often)",
    ),
    "voice_sex": (
        r"\b(sex|gender)\b|\bman'?s\b.*\bwoman'?s\b|\bwoman'?s\b.*\bman'?s\b",
        r"how many|\b(first|second|last|other|boy|girl|child)\b",
    ),
    "voice_age": (
        r"\bchild'?s\b.*\badult'?s\b|\badult'?s\b.*\bchild'?s\b",
        r"how (many|old)|\b(first|second|last|other)\b",
    ),
    "loudness_range": (
        r"loudness range|dynamic range|range of (the )?(loudness|dynamics)",
        rf"\b(when|where)\b|{_OF_SOME}",
    ),
    "loudness_trend": (
        rf"^(how|in (which|what) way)\b.*(loudness|volume|sound level)\b.*{_CHANGE}",
        rf"{_NOT_A_CHANGE}|{_OF_SOME}",
    ),
    "duration": (
        _LASTS,
        rf"\b(until|before|after|first|into|pause|silen\w+|sounds?|noises?)\b|{_OF_SOME}",
    ),
    "silence": (
        rf"{_WHEN}.*silen(t|ce)",
        rf"\b(first|last|longest)\b|how (many|long|often)|{_OF_SOME}",
    ),
    "pitch_range": (
        r"semitones?\b.*(span|range|cover)|pitch range|range of (the )?pitch",
        r"\b(when|where)\b|notes?\b",
    ),
    "pitch_contour": (
        rf"^(how|in (which|what) (way|direction))\b.*\bpitch\b.*{_CHANGE}",
        _NOT_A_CHANGE,
    ),
    "bandwidth": (
        r"highest frequency|bandwidth",
        rf"\b(when|where|note|pitch)\b|lowest|{_OF_SOME}",
    ),
    "reverberation": (
        r"reverb\w* time|(how long|seconds)\b.*(reverb|die away|decay)",
        r"\b(when|where)\b",
    ),
    "splices": (rf"{_WHEN}.*(\bcut\b|splice|joined)", rf"how (many|often)|first|last|{_OF_SOME}"),
    "playback_speed": (
        r"play(ed|back)\b.*\b(speed|fast)|\b(speed|fast)\b.*\bplay(ed|back)\b",
        r"music|speech|tempo|\bhow fast\b.*\bplays\b",
    ),
    "noise_level": (
        r"noise (level|floor)|level of (the )?(background )?noise|how loud\b.*\bnoise",
        rf"\bthan\b|\b(when|where)\b|{_OF_SOME}",
    ),
    "before": (r"\bbefore\b", r"\b(after|later|right|just|shortly|not|only)\b|n't\b|immediately"),
    "longer_than": (r"\blonger than\b", r"\b(not|only|much|twice|times)\b|n't\b"),
    "louder_than": (r"\blouder than\b", r"\b(not|only|much|twice|times)\b|n't\b"),
    "same_speaker": (r"\bsame (person|speaker|voice)\b", r"\b(not|only|different)\b|n't\b|other"),
    "ratio": (r"\bratio of\b", r"\b(when|where)\b"),
}

OWN = {
    "before": r"\bbefore\b",
    "longest_pause": r"\blongest\b",
    "bandwidth": r"\bhighest\b",
    "stressed_word": r"\bmost\b",
    "stereo_movement": r"\bbetween\b",
    "offset": r"\blast\b",
    "odd_one_out": r"\bother (one|sound)s?\b",
}
"""Words by which a property is itself asked for, though in others' questions they narrow it."""

COMPARED = {"before": r"\bbefore\b", "longer_than": r"\blonger than\b",
            "louder_than": r"\blouder than\b", "ratio": r"\bto\b"}  # fmt: skip
"""What stands between the two that a relation compares, the one before it, the other after it."""
