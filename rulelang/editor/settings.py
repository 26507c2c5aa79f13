"""What the user has set in the editor."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen


@frozen
class Settings:
    """The settings: `data` as `rulelang run --data` takes it, `pages`: the address of the page of all diagnostics."""

    data: tuple[str, ...] = ()
    pages: str | None = None


def settings_of(found: Any, before: Settings) -> Settings:
    """Return the settings that an editor sends, by themselves or under `rulelang`; what it leaves out stays."""
    given = _plain(found)
    given = _plain(given.get("rulelang", given))
    settings = before
    match given.get("data"):
        case str(path):
            settings = evolve(settings, data=(path,) if path else ())
        case [*paths]:
            settings = evolve(settings, data=tuple(map(str, paths)))
    match given.get("pages"):
        case str(address):
            settings = evolve(settings, pages=address or None)
    return settings


def _plain(found: Any) -> Mapping[str, Any]:
    """Return what arrived as a mapping: the protocol's library makes tuples with names of objects."""
    if isinstance(found, Mapping):
        return found
    named = getattr(found, "_asdict", None)
    return named() if named is not None else {}
