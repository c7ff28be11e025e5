"""Words by which questions speak of a property, beside those of its own description.

Read off what the questions and cues of MMAU and MMAR speak about, as words, never as sentences.
"""

HINTS = {
    "tempo": "bpm beat fast faster slow slower speed pace rhythm",
    "key": "tonality tonal tonic major minor scale mode harmony chord",
    "instrument": "play piano guitar drum violin band",
    "pitch": "high higher low lower note hz hertz",
    "loudness": "loud louder quiet quieter volume lufs db",
    "event_count": "many time often count number twice once altogether",
    "event_order": "sequence before after then follow between next",
    "first_event": "begin start initial before earliest",
    "last_event": "end final finally latest",
    "onset": "when time second moment start",
    "event": "noise source",
    "speech_segments": "when speak talk speech",
    "words": "say said word speak spoken mention sentence phrase talk reader according person",
    "word_count": "many word",
    "speech_rate": "fast faster slow slower rate speed talk speak pace minute reader",
    "language": "speak accent english",
    "speaker_count": "many people different person voice talk speak conversation",
    "turns": "speaker turn after reply conversation who spoke",
    "presence": "present",
    "tempo_change": "tempo pace faster slower speed accelerate accelerating accelerando decelerate"
    " slowing speeding slow quicken ritardando rubato rhythm",
    "beats": "beat downbeat pulse",
    "downbeats": "downbeat bar measure",
    "metre": "metre meter signature bar measure waltz march duple triple quadruple triplet",
    "tonic": "key tonic tonality scale root modulate modulation note",
    "mode": "major minor mode scale key sad happy cheerful melancholic bright dark mood joyful"
    " sadness joy",
    "chords": "chord harmony harmonic progression triad cadence",
    "offset": "end stop finish until cease",
    "event_duration": "long longest longer duration short shortest shorter brief length continuous",
    "repetitions": "time many often count number repeat repeated repetition row total",
    "odd_one_out": "different differ difference odd real fake unlike",
    "foreground": "foreground prominent dominant main",
    "background": "background ambient distant",
    "stereo_position": "left right side channel stereo ear direction",
    "stereo_movement": "left right side channel stereo direction moving move",
    "first_word": "word utterance",
    "last_word": "word utterance",
    "word_onset": "word when time second moment",
    "stressed_word": "stress stressed emphasis emphasize emphasise emphasized emphasised accented",
    "pause_count": "pause hesitate hesitation hesitating interruption",
    "longest_pause": "pause hesitate hesitation hesitating interruption",
    "speaker_words": "speaker speaker's person voice",
    "overlapped_speech": "overlap overlapping simultaneous simultaneously interrupt interrupting"
    " interrupts interrupted interruption",
    "voice_sex": "man men woman women male female gender sex husband wife father mother boy girl"
    " lady gentleman brother sister",
    "voice_age": "child children kid boy girl baby adult age old young elderly grown",
    "loudness_range": "dynamic contrast",
    "loudness_trend": "louder quieter softer volume crescendo decrescendo diminuendo fade fading"
    " approach approaching closer away nearer farther further distance dynamic intensity loudness",
    "duration": "length",
    "silence": "silence silent pause quiet",
    "pitch_range": "range octave interval semitone register pitch",
    "pitch_contour": "pitch intonation contour rising falling rise fall ascending descending tone"
    " higher lower glissando",
    "bandwidth": "frequency bandwidth quality telephone phone muffled hz hertz khz",
    "reverberation": "reverb reverberation echo echoey room hall spacious cathedral church indoor"
    " indoors outdoors cave",
    "splices": "cut edit edited splice spliced join joined",
    "playback_speed": "speed playback slowed",
    "noise_level": "noise noisy static hiss quality clean",
    "before": "before after first order earlier later then sequence follow next last second third",
    "longer_than": "long longer longest duration short shorter shortest",
    "louder_than": "loud louder loudest quiet quieter softer volume dynamic crescendo approaching"
    " closer away fading",
    "same_speaker": "same different speaker voice",
}

BROAD = frozenset(
    {"tempo", "key", "instrument", "pitch", "loudness", "presence", "event", "event_count",
     "event_order", "first_event", "last_event", "onset", "speech_segments", "words",
     "word_count", "speech_rate", "language", "speaker_count", "turns"}
)  # fmt: skip
"""Properties that a question of any wording may turn on: the others must be hinted at."""
