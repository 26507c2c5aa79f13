"""The words of the language: what each says, in one sentence, and where `docs/language.md` tells more."""

from attrs import frozen

CURRENCIES = ("USD", "USDT", "USDC", "EUR")
"""The currencies that may stand behind a number."""


@frozen
class Keyword:
    """A word of the language; `section`: a heading of `docs/language.md`; `nameable`: it may be a name as well."""

    word: str
    section: str
    help: str
    nameable: bool = False


_RECORDS = (
    Keyword("assets", "Statements", "names the assets that the rules run for, each with its own state"),
    Keyword("bars", "Statements", "says how long a bar is: one step of the rules is one closed bar"),
    Keyword("use", "Statements", "puts the statements of another rule file in this place"),
    Keyword("field", "Statements", "declares a field that the catalogue lacks, or another cadence for one in it"),
    Keyword("event", "Scheduled events", "names a scheduled event, with its dates or to be dated by a calendar"),
    Keyword("param", "Statements", "names a constant that can be set from outside, differ by asset and be swept"),
    Keyword("let", "Statements", "gives an expression a name"),
    Keyword("target", "Brakes", "bounds a number that the rules decide, and says what brakes it"),
    Keyword("rule", "When a rule is active", "names a rule, so that its state and its record go by that name"),
    Keyword("when", "When a rule is active", "begins the condition of a rule"),
    Keyword("otherwise", "How a level comes about", "sets a target while no active rule sets it"),
    Keyword("test", "Tests", "begins a test of the rules: what is given, and what is expected"),
    Keyword("then", "From conditions to a target", "begins what a rule does while it is active"),
    Keyword("until", "When a rule is active", "begins a rule's exit: it looks only at what happens after the start"),
    Keyword("because", "Texts and alerts", "says why, in a text that may show values in braces"),
    Keyword("for", "Windows and spans", "asks that a condition holds for a span, or keeps a rule active that long"),
    Keyword("on", "Statements", "limits a rule, or `otherwise`, to some of the assets"),
    Keyword("in", "Statements", "begins the limits of a param or a field: `in 0.02% .. 0.15%`"),
    Keyword("at", "Statements", "goes before dates, before a bar of a test, and in `at least`, `at most`, `at once`"),
    Keyword("by", "How a level comes about", "goes before the amount of an increase or a reduction"),
    Keyword("of", "How a level comes about", "says what a share is of, or of which clock periods are"),
    Keyword("per", "Values and kinds", "makes a percentage a rate: `0.05% per 8h`"),
    Keyword("is", "Missing values and conditions", "asks a word, a rule's state, or whether a value is there"),
    Keyword("and", "Missing values and conditions", "joins two conditions: true where both are, false where one is"),
    Keyword("or", "Missing values and conditions", "joins two conditions: true where one is, false where both are"),
    Keyword("not", "Missing values and conditions", "turns a condition round; what is unknown stays unknown"),
    Keyword("between", "Missing values and conditions", "asks for a value from one end to another, both included"),
    Keyword("crosses", "Missing values and conditions", "is true for the one bar in which a value passes another"),
    Keyword("above", "Missing values and conditions", "says which way a value crosses: from below to above"),
    Keyword("below", "Missing values and conditions", "says which way a value crosses: from above to below"),
    Keyword("rises", "Missing values and conditions", "asks for a rise by a ratio, over a span or from a value"),
    Keyword("falls", "Missing values and conditions", "asks for a fall by a ratio, over a span or from a value"),
    Keyword("moves", "Missing values and conditions", "asks for a move by a ratio, either way"),
    Keyword("over", "Windows and spans", "says over which span a value rises, falls or moves"),
    Keyword("from", "Missing values and conditions", "says from which value another one moves, or when a test begins"),
    Keyword("within", "Scheduled events", "asks for the time before or after an event or a moment"),
    Keyword("before", "Scheduled events", "looks ahead: true until the event, by no more than the distance"),
    Keyword("after", "Scheduled events", "looks back: true from the event on, for less than the distance"),
    Keyword("every", "Published fields", "is true on the first bar of each period; or says how often a field comes"),
    Keyword("valid", "Published fields", "says how long the newest value of a field counts: `valid for 7d`"),
    Keyword("missing", "Missing values and conditions", "asks whether a value is not there; in a test: it is not"),
    Keyword("known", "Missing values and conditions", "asks whether a value is there"),
    Keyword("active", "When a rule is active", "asks whether a rule above counts at the moment"),
    Keyword("increase", "How a level comes about", "raises the level of a target while the rule is active"),
    Keyword("reduce", "How a level comes about", "lowers the level of a target while the rule is active"),
    Keyword("freeze", "How a level comes about", "makes the level what is in force: adjustments below do nothing"),
    Keyword("alert", "Texts and alerts", "tells somebody, once each time the rule becomes active"),
    Keyword("given", "Tests", "says what a test is given: values of a field, one a bar, dates, params"),
    Keyword("expect", "Tests", "says what a test expects of a target, a rule or an alert"),
    Keyword("periods", "Windows and spans", "counts periods of the clock of what stands before it"),
    Keyword("period", "Windows and spans", "counts one period of the clock of what stands before it"),
    Keyword("change", "Brakes", "holds back moves of a target that are smaller: `change at least 10%`", True),
    Keyword("step", "Brakes", "lets a target move in steps of at most so much: `step at most 20%`", True),
    Keyword("cooldown", "Brakes", "makes a target wait after each change: `cooldown 8h`", True),
    Keyword("exposure", "How a level comes about", "makes a share points of the target: `25% of exposure`", True),
    Keyword("level", "How a level comes about", "makes a share a part of the level so far: `25% of level`", True),
    Keyword("x", "Tests", "repeats a value of a test: `0.06% x 4`", True),
    Keyword("once", "Brakes", "ends `at once`: no brake holds back what this rule sets", True),
    Keyword("least", "How a level comes about", "ends `at least`: a floor, or the smallest change", True),
    Keyword("most", "How a level comes about", "ends `at most`: a cap, or the largest step", True),
    Keyword("up", "Brakes", "makes a brake one for moves upward only", True),
    Keyword("down", "Brakes", "makes a brake one for moves downward only", True),
    Keyword("all", "Statements", "begins `on all but`: every asset except those named", True),
    Keyword("but", "Statements", "ends `on all but`: every asset except those named", True),
    Keyword("to", "Tests", "runs evenly from one value of a test to another: `100 to 110 x 11`", True),
    Keyword("restart", "Tests", "saves and loads the state in the middle of a test: `restart at 4`", True),
)

KEYWORDS: dict[str, Keyword] = {record.word: record for record in _RECORDS}
"""Every word of the language."""
