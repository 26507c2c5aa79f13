"""The one exception of the room: a number or a word that can't be what it is given as."""


class HedgingError(ValueError):
    """Raised with one line that names what is wrong, shows what was found, and says what was wanted.

    >>> print(HedgingError("price", "is 0", "a number above 0"))
    `price` is 0, wanted a number above 0
    """

    def __init__(self, name: str, found: str, wanted: str) -> None:
        self.name = name
        super().__init__(" ".join(f"`{name}` {found}, wanted {wanted}".split()))
