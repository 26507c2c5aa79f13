"""Which column of a file is which field: by `--map`, by the field's own name, or by a name that is known."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches

from rulelang.data.cells import Use
from rulelang.data.errors import DataError, listed
from rulelang.data.request import Mapping_, Request, map_text
from rulelang.fields import CATALOGUE, Field

KNOWN_AS = {
    "funding_8h": ("funding_rate", "fundingrate"),
    "iv": ("dvol",),
    "open_interest": ("open_interest_usd",),
}
"""Other names (in small letters) under which files carry a field of the catalogue."""
INTERVALS = ("interval_hours", "funding_interval_hours", "fundingintervalhours")
"""Columns (in small letters) that hold the hours a funding rate is for."""


def uses(
    names: Sequence[str], fields: Iterable[Field], maps: Sequence[Mapping_], path: str, prefix: str = ""
) -> tuple[Use, ...]:
    """Return how the fields that a file can supply are made of its columns; `prefix` is the `ASSET.` of a wide file."""
    found = (_use(names, field, maps, path, prefix) for field in fields)
    return tuple(use for use in found if use is not None)


def _use(names: Sequence[str], field: Field, maps: Sequence[Mapping_], path: str, prefix: str) -> Use | None:
    stated = [m for m in maps if m.field in (field.name, prefix + field.name) and m.column in names]
    if len(stated) > 1:
        columns = listed([m.column for m in stated])
        raise DataError("RL706", f"--map gives `{field.name}` twice, from {columns}; keep one of them", path)
    if stated:
        return _stated(names, field, stated[0])
    column = _column(names, prefix + field.name, path)
    if column is not None:
        return Use(field, column, "by its name")
    for alias in () if prefix else KNOWN_AS.get(field.name, ()):
        column = _column(names, alias, path)
        if column is not None:
            return _known(names, field, column, path)
    return None


def _stated(names: Sequence[str], field: Field, mapping: Mapping_) -> Use:
    interval = _interval(names) if _is_rate(field, mapping.column) else None
    how = f"by {map_text(mapping)}"
    return Use(field, mapping.column, _normalised(how, interval), mapping.scale, interval)


def _known(names: Sequence[str], field: Field, column: str, path: str) -> Use:
    if not _is_rate(field, column):
        return Use(field, column, f"a known name of `{field.name}`")
    interval = _interval(names)
    if interval is not None:
        return Use(field, column, _normalised("a known name", interval), interval=interval)
    hours = _stated_hours(field)
    if hours is None:
        raise DataError(
            "RL712",
            "nothing says how many hours each rate is for; "
            "add a column `interval_hours`, or state the interval in the rule "
            f"file as in `field {field.name} every 4h`, or --map {field.name}={column} if the rates already "
            "are per 8 hours",
            path,
            column=column,
        )
    return Use(field, column, f"a known name, × 8 / {hours:f} hours as the rule file states", hours=hours)


def _is_rate(field: Field, column: str) -> bool:
    return field.name == "funding_8h" and column.lower() in KNOWN_AS["funding_8h"]


def _stated_hours(field: Field) -> Decimal | None:
    """Return the hours between settlements where the rule file states another cadence than the catalogue's."""
    if field.every is None or field.every == CATALOGUE[field.name].every:
        return None
    return Decimal(field.every) / 3600


def _interval(names: Sequence[str]) -> str | None:
    return next((name for name in names if name.strip().lower() in INTERVALS), None)


def _normalised(how: str, interval: str | None) -> str:
    return how if interval is None else f"{how}, × 8 / `{interval}`"


def _column(names: Sequence[str], wanted: str, path: str) -> str | None:
    if wanted in names:
        return wanted
    found = [name for name in names if name.strip().lower() == wanted.lower()]
    if len(found) > 1:
        raise DataError(
            "RL706", f"{listed(found)} could each be `{wanted}`; say which one is: --map {wanted}={found[0]}", path
        )
    return found[0] if found else None


def check_maps(maps: Iterable[Mapping_], request: Request, names: Sequence[str], time: bool = True) -> None:
    """Refuse a `--map` whose column is in no file, or whose field neither the rules nor the catalogue know."""
    fields = {need.field.name for need in request.needs}
    for mapping in maps:
        bare = mapping.field.rpartition(".")[2] if mapping.field.split(".")[0].isupper() else mapping.field
        if bare not in fields and bare not in CATALOGUE and bare != "time":
            raise DataError(
                "RL710",
                f"{map_text(mapping)}: the rules read no field `{mapping.field}`; they read {listed(sorted(fields))}",
            )
        if mapping.column not in names:
            raise DataError(
                "RL710", f"{map_text(mapping)}: no file has a column `{mapping.column}`; {_closest(mapping, names)}"
            )


def _closest(mapping: Mapping_, names: Sequence[str]) -> str:
    near = get_close_matches(mapping.column, names, 1, 0.5)
    if not near:
        return f"the columns are {listed(tuple(names))}"
    return f"did you mean {map_text(Mapping_(mapping.field, near[0], mapping.scale))}"


def missing_field(field: Field, asset: str | None, names: Sequence[str]) -> DataError:
    """Return the error for a needed field that no file supplies, with the `--map` to write."""
    whose = "" if asset is None else f" for {asset}"
    return DataError(
        "RL706",
        f"no file supplies `{field.name}`{whose}; the columns are {listed(tuple(names))}; add a file that has it"
        f"{_mapped(field, names)}",
    )


def _mapped(field: Field, names: Sequence[str]) -> str:
    """Return which `--map` may supply a field; none where a column of its name is there, of another asset."""
    if any(name.strip().lower() == field.name for name in names):
        return ""
    near = (
        get_close_matches(field.name, names, 1, 0.5) or [n for n in names if field.name.split("_")[0] in n.lower()][:1]
    )
    column = near[0] if near else "COLUMN"
    return f", or say which column it is: {map_text(Mapping_(field.name, column))}"
