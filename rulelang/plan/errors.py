"""The one exception of the room: a file of the user that can't be planned with, told in one line."""


class PlanError(ValueError):
    """Raised with one line that names the file and the key, shows what was found, and says what was wanted.

    >>> print(PlanError("portfolio.toml", "holdings.BTC.coins", "is missing, wanted a number"))
    portfolio.toml: `holdings.BTC.coins` is missing, wanted a number
    """

    def __init__(self, file: str, key: str, message: str) -> None:
        self.file, self.key = file, key
        super().__init__(" ".join(f"{file}: {f'`{key}` ' if key else ''}{message}".split()))
