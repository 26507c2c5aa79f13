"""What the user has set in the editor."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen


@frozen
class Settings:
    """The settings: `data`, `maps` and `stamp` as `rulelang run` takes them (`--data`, `--map`, `--time`).

    `pages`: the address of the page of all diagnostics.
    """

    data: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    stamp: str | None = None
    pages: str | None = None


def settings_of(found: Any, before: Settings) -> Settings:
    """Return the settings that an editor sends, by themselves or under `rulelang`; what it leaves out stays."""
    given = _plain(found)
    given = _plain(given.get("rulelang", given))
    return evolve(
        before,
        data=_listed(given.get("data"), before.data),
        maps=_listed(given.get("map"), before.maps),
        stamp=_chosen(given.get("time"), before.stamp),
        pages=_chosen(given.get("pages"), before.pages),
    )


def _listed(given: Any, before: tuple[str, ...]) -> tuple[str, ...]:
    match given:
        case str():
            return (given,) if given else ()
        case [*several]:
            return tuple(map(str, several))
        case _:
            return before


def _chosen(given: Any, before: str | None) -> str | None:
    return given or None if isinstance(given, str) else before


def _plain(found: Any) -> Mapping[str, Any]:
    """Return what arrived as a mapping: the protocol's library makes tuples with names of objects."""
    if isinstance(found, Mapping):
        return found
    named = getattr(found, "_asdict", None)
    return named() if named is not None else {}
