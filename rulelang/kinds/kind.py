"""The kinds a value can have."""

from attrs import frozen


@frozen
class Kind:
    """What a value means: its name, and the unit that the name leaves open.

    `unit` is the period of a rate in seconds, the coin of coins, the currency of a price, of money or of a written
    amount (`None`: not said), the words of a field of words; `None` otherwise.
    """

    name: str
    unit: int | str | tuple[str, ...] | None = None

    def __str__(self) -> str:
        return self.name


NUMBER = Kind("number")
RATIO = Kind("ratio")
PRICE = Kind("price")
COINS = Kind("coins")
MONEY = Kind("money")
SCORE = Kind("score")
DURATION = Kind("duration")
TIME = Kind("time")
CONDITION = Kind("condition")
QUOTE = Kind("amount")
"""An amount as it is written, `65_000 USD`: it fits a price as well as money."""
ZERO = Kind("zero")
"""A written 0: it fits everything that can be measured."""


def rate(period: int) -> Kind:
    """Return the kind of a ratio per `period` seconds."""
    return Kind("rate", period)


def price(currency: str | None) -> Kind:
    """Return the kind of a price in a currency (`None`: not said)."""
    return Kind("price", currency)


def money(currency: str | None) -> Kind:
    """Return the kind of money in a currency (`None`: not said)."""
    return Kind("money", currency)


def quote(currency: str | None) -> Kind:
    """Return the kind of a written amount such as `65_000 USD`."""
    return Kind("amount", currency)


def coins(coin: str | None) -> Kind:
    """Return the kind of a quantity of a coin (`None`: not said)."""
    return Kind("coins", coin)


def words(choices: tuple[str, ...]) -> Kind:
    """Return the kind of a field that takes one of these words."""
    return Kind("word", choices)


_PLAIN = {kind.name: kind for kind in (NUMBER, RATIO, PRICE, COINS, MONEY, SCORE, DURATION, TIME)}

DECLARED = (*_PLAIN, "rate")
"""The names of kinds that a `field` statement may state."""


def named(name: str) -> Kind | None:
    """Return the kind that a `field` statement may name, or `None` (a rate also needs its period: see `rate`)."""
    return _PLAIN.get(name)
