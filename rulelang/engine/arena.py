"""The check that a word lies in the arena: always made where nothing is compiled, else only in a checked build.

`arena.pxd` says the same in C, where the check is made when `RULELANG_CHECKED` is defined and costs nothing otherwise.
"""

_length = [0]


def bound(words: int) -> None:
    """Set how many words the arena has."""
    _length[0] = words


def at(word: int) -> int:
    """Return the index of a word. Raises `IndexError` where it lies outside of the arena."""
    if not 0 <= word < _length[0]:
        raise IndexError(f"word {word} of an arena of {_length[0]}")
    return word
