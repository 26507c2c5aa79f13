"""Pages of RL1xx: characters, words and files that can't be read as rules."""

from rulelang.text.pages.record import error

SPELLING = (
    error(
        "RL101",
        "a character that doesn't belong in a rule file",
        "Names and keywords are written in plain letters, digits and `_`. Some other letters look the same: a "
        "Cyrillic `о` copied from a chat makes `clоse` a different name from `close`, and nobody can see it. Control "
        "characters are worse: they can hide part of a line. Both are errors, and the message names the character. "
        "Type the word again, or take the repair that is offered. In texts and comments other letters are fine.",
        "when clоse > 65_000 USD then hedge 50%\n",
        "when close > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL102",
        "a word of the language used as a name",
        "Words such as `rule`, `when`, `after` or `missing` mean the same everywhere in a file, so nothing can be "
        "called that. Otherwise a line could be read in two ways. Take another name; with an underscore behind it, "
        "`after_`, any word will do.",
        "rule after\n  when close < sma(close, 200) then hedge 50%\n",
        "rule below_average\n  when close < sma(close, 200) then hedge 50%\n",
    ),
    error(
        "RL103",
        "a statement that can't be read",
        "Something stands where it doesn't fit, or the statement ends too early. The message says what was found and "
        "what would have fitted. Often a word is missing: `then` before the action, `periods` after a count, the "
        "value of an action. A statement runs until the next word that starts one, so a slip at its end can be "
        "reported on the line below. The other statements of the file are checked all the same.",
        "when close > 65_000 USD hedge 50%\n",
        "when close > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL104",
        "a sign or spelling of another language",
        "Rules are written in words: `and`, `or`, `not`, `previous(close, 1)`. Signs of other languages (`&&`, `||`, "
        "`!`, `close[1]`), names with capitals (`fundingRate`) and assets in small letters (`btc`) are not read. "
        "Names are small letters, digits and `_`; assets are capitals. The message says how it is written here.",
        "when close > 65_000 USD && volume > 100 BTC then hedge 50%\n",
        "when close > 65_000 USD and volume > 100 BTC then hedge 50%\n",
    ),
    error(
        "RL105",
        "a number that is written in another way here",
        "A comma separates values, so `65,000` would be 65 and 0. Group digits with `_`, as in `65_000`, or not at "
        "all. A number starts with a digit: `0.5`, not `.5`. The dot is the decimal point.",
        "when close > 65,000 USD then hedge 50%\n",
        "when close > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL106",
        "two values compared with `=`",
        "Measured values are hardly ever equal to the last digit, so a rule that waits for equality waits for ever. "
        "Therefore `=` and `!=` don't exist in conditions. Ask for a range with `between`, for one side with `>=` or "
        "`<=`, and for a word with `is`.",
        "when close = 65_000 USD then hedge 50%\n",
        "when close between 64_900 USD and 65_100 USD then hedge 50%\n",
    ),
    error(
        "RL107",
        "braces in a text that don't hold a value",
        "In the texts of `because` and `alert`, `{close}` stands for the value of `close` at that moment. A brace "
        "without its partner, or with nothing inside, stands for nothing. Close it, put a value in, or leave the "
        "braces out.",
        'when close > 65_000 USD then hedge 50% because "the price is {close"\n',
        'when close > 65_000 USD then hedge 50% because "the price is {close}"\n',
    ),
    error(
        "RL108",
        "a text without its closing quote",
        "A text begins and ends with a double quote, on the same line. Without the second quote the rest of the line "
        "would be text, and with it perhaps an exit or another rule. Put the quote where the text ends.",
        'when close > 65_000 USD then alert "price above {close}\n',
        'when close > 65_000 USD then alert "price above {close}"\n',
    ),
    error(
        "RL109",
        "a time without a time zone",
        "`13:30` is up to a day apart around the world, and a hedge that goes on after the release instead of before "
        "it protects nothing. Write `Z` for UTC, or the offset: 08:30 in New York in winter is `T08:30-05:00`. A "
        "date alone, `2026-12-10`, is midnight UTC.",
        "event cpi at 2026-12-10T13:30\nwhen within 24h before cpi then hedge at least 80%\n",
        "event cpi at 2026-12-10T13:30Z\nwhen within 24h before cpi then hedge at least 80%\n",
    ),
    error(
        "RL110",
        "a text that is too long",
        "A rule file has at most 1,048,576 bytes. Everything that reads rules can rely on that. A file that is "
        "longer was most likely made by a program, or isn't a rule file. Cut it into several that `use` each other, "
        "or give values that differ by asset to a `param`. (A file that shows it would be too long for this page.)",
    ),
    error(
        "RL111",
        "an expression that is nested too deep",
        "Parentheses in parentheses, or a chain of operators, go at most 100 levels deep. Nobody can read more, and a "
        "limit keeps strange input from using up the memory. Give parts of the expression a name with `let`.",
        f"when {'(' * 120}close{')' * 120} > 65_000 USD then hedge 50%\n",
        "when close > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL112",
        "a number, duration or date that can't be worked with",
        "The calendar has no 30th of February, a duration is more than nothing and at most 10,000 years, and a "
        "number has at most about 300 digits before the point. Usually a digit slipped. Write the value that was "
        "meant.",
        "event cpi at 2026-02-30\nwhen within 24h before cpi then hedge at least 80%\n",
        "event cpi at 2026-02-28\nwhen within 24h before cpi then hedge at least 80%\n",
    ),
    error(
        "RL113",
        "a file that can't be used",
        "`use` takes a path in the same folder or below, with `/` between its parts. Absolute paths, `..`, a file "
        "that isn't there and files that use each other in a circle are refused. So a folder of rules can be copied "
        "as a whole and means the same elsewhere, and no rule file can read what it shouldn't. Put the file beside "
        "this one.",
        'use "../base.rules"\nwhen close > 65_000 USD then hedge 50%\n',
        'use "base.rules"\nwhen close@1d < trend then hedge 50%\n',
    ),
    error(
        "RL114",
        "too many rules",
        "A file and those that it uses have at most 10,000 rules together. Rules that differ in a number only are "
        "one rule with a `param` that differs by asset. Or run several files, each by itself. (A file that shows it "
        "would be too long for this page.)",
    ),
)
