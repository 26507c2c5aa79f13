"""Pages of RL7xx: data that can't be read with certainty. They speak of files, so no rule file can show them."""

from rulelang.text.pages.record import error

DATA = (
    error(
        "RL700",
        "a data file can't be read",
        "The file isn't there, is empty, is damaged, or is in no format that can be read. Parquet, CSV and NDJSON are "
        "read, also with `.gz`, and what `rulelang data formats` lists. A CSV needs a first row that names its "
        "columns, commas between its cells, and UTF-8. The message names the file and, where it can, the row. A file "
        "that is cut short is refused as a whole: half a history gives other decisions than all of it.",
    ),
    error(
        "RL701",
        "no column, or more than one, can be the time",
        "Each row needs one time. Columns called `time`, `timestamp`, `date`, `open_time`, `close_time` and the like "
        "are found by themselves. Where there is none, or several that could be meant, nothing is guessed. Name it: "
        "`--map time=COLUMN`.",
    ),
    error(
        "RL702",
        "a time can't be read with certainty",
        "A time is an ISO text with a zone, or a number of seconds, milliseconds, microseconds or nanoseconds since "
        "1970, in one unit throughout a column. `03/04/2024` could be in March or in April, and a text without a "
        "zone could be up to a day off. Write times as `2024-04-03T13:30Z`. The message names file, row and column.",
    ),
    error(
        "RL703",
        "rows are out of order, or one time has two values",
        "Rows go from old to new, or all from new to old, as some exchanges export them. A row that jumps back, or a "
        "second row for the same bar with another value, leaves open which one is true. Sort the file by its time "
        "and keep one row for each bar. Two rows that are the same throughout are taken as one and counted in the "
        "report.",
    ),
    error(
        "RL704",
        "nothing says whether times are the open or the close of a bar",
        "Most exchanges stamp a bar with its open. An hourly bar stamped 13:00 is then known at 14:00. Taken for a "
        "close, it would show the rules every price one hour early, and a backtest would earn money that nobody can "
        "earn. Say which it is with `--time open` or `--time close`, or call the column `open_time` or `close_time`.",
    ),
    error(
        "RL705",
        "a cell is no number",
        "A column that supplies a number holds something else, such as `n/a`, `1,234` or a word. An empty cell "
        "counts as missing, anything that can't be read doesn't: it may be a price. Correct the cell, or leave it "
        "empty. The message names file, row and column.",
    ),
    error(
        "RL706",
        "no column supplies a field that the rules read",
        "The rules read a field, and no file has a column that is known to be it, or two columns could be. Without "
        "it the rule would stay unknown for ever. Add the file, or say which column it is: `--map funding_8h=rate`. "
        "Column names that are known by themselves are shown in the report.",
    ),
    error(
        "RL707",
        "values look like percentage points, or like another field",
        "Data vendors write 80% as 0.8 or as 80, and 0.01% as 0.0001 or as 0.01. A factor of a hundred in funding or "
        "volatility turns every decision around, so nothing is guessed. If the values are percentage points, say so "
        "with a factor: `--map iv=dvol*0.01`. If it is another quantity, name the right column.",
    ),
    error(
        "RL708",
        "bars don't fit the base period",
        "The rules step by one period, `bars 1h`. Data with several spacings, bars that are off the grid (10:07), or "
        "bars longer than the base period can't be stepped by it. Write the period in the rule file, remove the rows "
        "that are off the grid, or call the column of times `known_at` where each time is the moment at which the "
        "value became known.",
    ),
    error(
        "RL709",
        "rows can't be given to an asset with certainty",
        "The rules run for several assets, and a file doesn't say whose rows it holds, or says it in a way that fits "
        "two. The price of BTC in the place of ETH would look like a crash. Write `--data PATH:BTC`, or add a column "
        "`asset`.",
    ),
    error(
        "RL710",
        "an option about data can't be understood",
        "`--data` takes a path, or a path and an asset: `prices.parquet:BTC`. `--map` takes a field, a column and "
        "perhaps a factor: `iv=dvol*0.01`. The field is one that the rules read, the column one that a file has.",
    ),
    error(
        "RL711",
        "two files disagree about the same values",
        "Two files supply the same field for the same time, with different values. One of them is wrong, or they are "
        "about different markets. Keep the file that is right, or say which asset each one is about: `--data "
        "PATH:ASSET`.",
    ),
    error(
        "RL712",
        "the interval of a funding rate isn't known",
        "0.01% every hour is eight times as much as 0.01% every 8 hours, and exchanges use both. A file of rates "
        "says how many hours each is for in a column `interval_hours`. Without it, state the cadence in the rule "
        "file, `field funding_8h every 4h`, or say that the rates already are per 8 hours: `--map "
        "funding_8h=COLUMN`.",
    ),
)
