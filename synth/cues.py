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

CUES = {
    "tempo": (
        r"tempo|\bbpm\b|beats per minute|how fast is the (music|beat|song|piece)",
        r"speak|speech|talk|voice|footstep|walk|tapping",
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
        r"from (the )?(last|end)|revers|backwards",
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
    "turns": (r"\b(which|what)\b.*\b(order|sequence)\b|who .*(speaks|talks).*\bafter\b", ""),
}

PLAIN = {
    "tempo": "What is the tempo of the music?",
    "key": "In which key is the music?",
    "instrument": "Which instruments play?",
    "pitch": "What is the median pitch in hertz?",
    "loudness": "How loud is the recording?",
    "presence": "Is there any {} in the recording?",
    "event": "Which sounds are heard?",
    "event_count": "How many times is {} heard?",
    "event_order": "In which order are the sounds heard?",
    "first_event": "Which sound is heard first?",
    "last_event": "Which sound is heard last?",
    "onset": "When is {} first heard?",
    "speech_segments": "When does somebody speak?",
    "words": "What words are spoken?",
    "word_count": "How many words are spoken?",
    "speech_rate": "How fast is the speech in words per minute?",
    "language": "Which language is spoken?",
    "speaker_count": "How many different people speak?",
    "turns": "In which order do the speakers talk?",
}
"""How each property is asked for plainly, {} for its subject: shown to a teacher that erred."""

_ANY = "hear present appear happen occur exist there any ever moment point"
WORDS = {
    "instrument": f"{_ANY} instrument musical music play use perform",
    "pitch": f"{_ANY} pitch median average typical overall hertz hz fundamental frequency unit",
    "loudness": f"{_ANY} loud loudness lufs integrated overall average level whole unit",
    "presence": f"{_ANY} presence contain include audible sound detect somebody someone",
    "event": f"{_ANY} sound noise event different distinct kind type",
    "event_count": f"{_ANY} time often number total sound ring strike struck hit repeat",
    "onset": f"{_ANY} first start begin come time second into",
    "speech_segments": f"{_ANY} speak speech talk time part stretch somebody someone voice",
    "words": f"{_ANY} word speak spoken say said being exact transcribe transcript speaker voice",
    "word_count": f"{_ANY} word speak spoken say said number count total altogether",
    "speech_rate": "fast quick quickly slow slowly speech speak talk rate pace speed word minute"
    " per speaker reader voice person overall average",
    "language": f"{_ANY} language speak spoken speech talk use",
    "speaker_count": f"{_ANY} different distinct unique people person speak speaker talk talker"
    " voice number total conversation part take",
}
"""What the wording of a property may say beside its subject: any other word could narrow it."""
