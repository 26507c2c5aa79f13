"""Columns of texts by number: few different texts, many bars."""

from typing import Any

from attrs import frozen


@frozen
class Coded:
    """A column of texts: in each row the number of one of `texts`."""

    codes: Any
    texts: tuple[str | None, ...]

    def spread(self) -> Any:
        """Return the texts as an array."""
        import numpy as np

        return np.array(self.texts or (None,), object)[self.codes]
