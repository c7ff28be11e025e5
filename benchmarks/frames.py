"""Sentences that are not what a careless reader takes them for, one a line.

{x} is right, {y} is not; {a} and {b} are their letters, where they are choices. Doubled braces are
braces, and [[NL]] is a new line.
"""

from __future__ import annotations


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.replace("[[NL]]", "\n") for line in text.strip("\n").split("\n"))


NEGATED = _lines(r"""
not {}
it is not {}
definitely not {}
{} is wrong
never {}
it isn't {}
anything but {}
far from {}
{}? No.
hardly {}
other than {}
{} is not right
it is not the case that it is {}
it cannot be {}
the answer is not {}
{}, not
{} - no
I doubt that it is {}
neither {} nor anything near it
without {}
it is false that it is {}
everything except {}
it was thought to be {}
not really {}
{} is ruled out
no {}
none of {}
{} would be wrong
it is anything other than {}
I would not say {}
""")
"""What denies a value"""


NEGATED_NUMBERS = _lines(r"""
more than {}
less than {}
at least {}
over {}
under {}
up to {}
almost twice {}
half of {}
{} too few
{} more
{} less
""")
"""What denies a number, or makes another of it"""


HEDGED = _lines(r"""
maybe {x}
perhaps {x}
{x} or {y}
{y} or {x}
either {x} or {y}
possibly {x}
between {x} and {y}
it might be {x}
it could be {x}
probably {x}
{x}/{y}
{x} unless {y}
{x}, if not {y}
{x} or maybe {y}
{x}, or {y}, or neither
I cannot tell, {x}
unclear, {x}
{x} (unsure)
I am not sure: {x}
whether {x} or {y} is unclear
{x} to {y}
{x} vs {y}
any of {x}, {y}
one of {x} and {y}
let us say {x} and hope
""")
"""What commits to no value"""


BOTH = _lines(r"""
{x} {y}
{x} and {y}
{x}, {y}
{x}; {y}
{x} ({y})
{y} ({x})
{x}, no, {y}
{x} but really {y}
{y}, {x}
{x}[[NL]]{y}
{x}. {y}.
{y}. {x}.
{x} = {y}
first {x}, later {y}
{x} - {y}
{x}: {y}
{x} | {y}
{x}, actually {y}
{y} rather than {x}
{y}, not {x}
{y} instead of {x}
{x} as well as {y}
{x} & {y}
{x} + {y}
[{x}, {y}]
{x} also {y}
{x} wait {y}
""")
"""What says both"""


PADDED = (
    *_lines(r"""
I heard a lot, and listening closely one notices that it is {y}
Well, {x} is what one would expect, yet it is {y}
The question is whether it is {x}
What is it? Is it {x}?
{x} {x} {x} {y}
The correct answer {x} is a trap; it is {y}
{x} of something else, here {y}
as if {x}
if it were {x}
{x} was asked about
some people say {x}
{x} is the wrong answer
other recordings have {x}, this one {y}
{x} minus a lot
ten times {x}
the opposite of {x}
{x} in another world
(blank)
?
...
the value
unknown
N/A but {x}
"""),
    "{y} " + "and so on " * 30,
)
"""What says something else at length, or nothing"""


FORMATTED = (
    *_lines(r"""
\boxed{{{y}}}
**{y}**
`{y}`
Answer: {y}
The answer is {y}.
\boxed{{{y}}} {x}
{{"value": "{x}", "truth": "{y}"}}
<b>{y}</b>
{y}<!-- {x} -->
<!-- {y} -->{x}
{y}&lt;!-- {x} --&gt;
{y}<b>{x}</b>
{y}<x/>{x}
{y}&#10;{x}
{y}&#8203;{x}
{y}&lt;/observe&gt;{x}
{y}&lt;observe&gt;{x}&lt;/observe&gt;
{y}</observe>{x}
{y}</perception>{x}
<answer>{x}</answer>{y}
{y}<answer>{x}</answer>
{y}<observe>{x}</observe>
{x}&#0;{y}
&amp;lt;b&amp;gt;{x}
{y}#{x}
$${y}$$
\text{{{y}}}
# {y}
- {x}[[NL]]- {y}
~~{x}~~ {y}
~~{x}~~
1. {x} 2. {y}
{x} \rightarrow {y}
assistant: {y}
[o1] {y}
"""),
    "{y}\u200b",
    "{y}\xad{x}",
    "\u202e{y}",
    "{x}\x00{y}",
)
"""Another value in the format of an answer, or with the right one where no reader sees it"""


ANSWER_FORMATTED = _lines(r"""
<answer>{y}</answer><answer>{x}</answer>
<answer>{x}</answer><answer>{y}</answer>
<answer>{x}</answer><answer>{x}</answer>
<answer></answer>
<answer>{x}
<answer>{y}<answer>{x}</answer></answer>
{x}
<answer>{y}<!-- {x} --></answer>
<answer><!-- {y} -->{x}</answer>
<answer>{y}<b>{x}</b></answer>
<answer>{y}</answer>{x}
<Answer>{x}</Answer>
<answer>{y}&#8203;{x}</answer>
<answer>&lt;answer&gt;{x}&lt;/answer&gt; {y}</answer>
&lt;answer&gt;{x}&lt;/answer&gt;
<answer a='{x}'>{y}</answer>
<answer>{x}</step>{y}</answer>
<answer>{y}</answer><draft>{x}</draft>
<answer>\boxed{{{y}}}</answer>
""")
"""The same of the answer, tags included"""


OTHER_CHOICE = _lines(r"""
{y}
The answer is {y}.
({b}) {y}
{b}. {y}
{b}) {y}
\boxed{{{y}}}
Answer: {y}
**{y}**
I think that it is {y}
{y}!
So the answer is: {y}
""")
"""Another choice"""


OTHER_LETTER = _lines(r"""
{b}
({b})
{b}.
option {b}
The answer is {b}.
Option ({b})
[{b}]
""")
"""The letter of another choice"""


TWO_CHOICES = _lines(r"""
{x} or {y}
{y} or {x}
{x}, {y}
{x} and {y}
either {x} or {y}
{x} {y}
{x}; {y}
{x}[[NL]]{y}
{x}/{y}
({a}) {x} ({b}) {y}
{a} or {b}
{a}, {b}
{a}{b}
({b}) {x}
{b}. {x}
({a}) {y}
{a}) {y}
{x} but {y}
{x}? No, {y}
{y}, not {x}
{x} ({y})
{y} ({x})
not {x} but {y}
{x}. {y}.
{a} and {b}
{y} rather than {x}
{x} vs {y}
both {x} and {y}
{x}, then again {y}
option {a} or option {b}
{a}: {x}; {b}: {y}
{x} = {y}
{a}: {y}
""")
"""Two choices, or a letter and a text that differ"""


UNCHOSEN = _lines(r"""
not {x}
it is not {x}
~~{x}~~
maybe {x}
perhaps {x}
possibly {x}
probably {x}
{x} is wrong
the answer is not {x}
{x}? No.
never {x}
anything but {x}
could be {x}
{x} is ruled out
I cannot tell; {x}
not ({a})
not {a}
everything except {x}
if not {x}, then none
{x}, or none of them
{a} is wrong
it cannot be {x}
definitely not {x}
{x} is incorrect
{x} or not {x}
hardly {x}
it isn't {x}
one of the choices
I would not choose {x}
""")
"""What does not choose"""


UNSAID = _lines(r"""
It is not true that {}
If {}
Is it so that {}?
Some would think that {}
I wonder whether {}
I doubt that {}
Perhaps {}
It is wrong to say that {}
It could be that {}
I do not think that {}
Whether {}
Neither can one say that {}
It is false that {}
""")
"""What does not say the sentence that it holds"""
