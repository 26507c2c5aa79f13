"""Which rows of a file belong to which asset."""

import re
from collections.abc import Sequence

from attrs import field, frozen

from rulelang.data.errors import DataError, listed
from rulelang.data.request import FileSpec, Request, data_text
from rulelang.data.tables import Cell, Table

COLUMNS = ("asset", "symbol", "pair")
"""Columns (in small letters) that say which asset a row belongs to, the first one found counts."""
_QUOTES = r"(?:[-_/: ]?(?:USDT|USDC|USD|PERPETUAL|PERP|SWAP))+"


@frozen
class Portion:
    """The records of a table that belong to one asset: `indexes` into its columns.

    `label`: how the file itself calls the asset ("" where it does not). `prefix`: `ASSET.`, which the columns of a wide
    file begin with.
    """

    asset: str | None
    indexes: Sequence[int] = field(repr=False)
    label: str = ""
    prefix: str = ""


def matches(label: str, asset: str) -> bool:
    """Say whether a label of a file is certain to mean an asset: its name, alone or with a quote currency.

    >>> matches("BTC/USDT:USDT", "BTC"), matches("BTCUSD_PERP", "BTC"), matches("BTCDOMUSDT", "BTC")
    (True, True, False)
    """
    return re.fullmatch(rf"{re.escape(asset)}(?:{_QUOTES})?", label.strip().upper()) is not None


def asset_column(names: Sequence[str]) -> str | None:
    """Return the column that says which asset a row belongs to, if any."""
    lowered = {name.strip().lower(): name for name in reversed(names)}
    return next((lowered[name] for name in COLUMNS if name in lowered), None)


def portions(table: Table, spec: FileSpec, request: Request) -> tuple[list[Portion], tuple[str, ...]]:
    """Split a file by asset; return the portions that the rules need, and the labels of rows that they don't."""
    everything = range(len(table.rows))
    wide = wide_assets(table.names, request)
    if wide and spec.asset is None:
        return [Portion(asset, everything, prefix=f"{asset}.") for asset in wide], ()
    column = asset_column(table.names)
    if column is None:
        return [Portion(_whole(spec, request), everything)], ()
    return _split(spec, request, column, table.column(column), table.rows)


def wide_assets(names: Sequence[str], request: Request) -> list[str]:
    """Return the assets that have columns of their own, named as in `BTC.close`."""
    return [asset for asset in request.named if any(name.startswith(f"{asset}.") for name in names)]


def _whole(spec: FileSpec, request: Request) -> str | None:
    """Return the asset of a file that says nothing about it."""
    if spec.asset is not None:
        return stated_asset(spec, request)
    if len(request.assets) > 1:
        raise DataError(
            "RL709",
            f"nothing says which asset this is; write {data_text(spec.path, request.assets[0])} "
            f"(the rules are for {', '.join(request.assets)}) or add a column `asset`",
            spec.path,
        )
    return request.assets[0] if request.assets else None


def stated_asset(spec: FileSpec, request: Request) -> str | None:
    """Return the asset that `PATH:ASSET` means to the rules: the nameless one where they list none."""
    if spec.asset in request.named:
        return spec.asset
    if not request.assets:
        return None
    raise DataError(
        "RL709", f"the rules know no asset {spec.asset}; they are for {', '.join(request.named)}", spec.path
    )


def _split(
    spec: FileSpec, request: Request, column: str, cells: list[Cell], rows: Sequence[int]
) -> tuple[list[Portion], tuple[str, ...]]:
    groups: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        groups.setdefault("" if cell is None else str(cell).strip(), []).append(index)
    if "" in groups:
        raise DataError("RL709", "is empty; every row needs its asset", spec.path, rows[groups[""][0]], column)
    owners = label_owners(tuple(groups), spec, request, column)
    taken = [Portion(asset, groups[label], label) for label, asset in owners.items()]
    return taken, tuple(label for label in groups if label not in owners)


def label_owners(labels: Sequence[str], spec: FileSpec, request: Request, column: str) -> dict[str, str | None]:
    """Return the asset of each label that the rules need."""
    if spec.asset is not None:
        wanted = [label for label in labels if matches(label, spec.asset)] or (list(labels) if len(labels) == 1 else [])
        _only(wanted, spec.asset, spec, column, labels)
        return {wanted[0]: stated_asset(spec, request)}
    owners: dict[str, str | None] = {}
    for asset in request.named:
        fitting = [label for label in labels if matches(label, asset)]
        if fitting:
            _only(fitting, asset, spec, column, labels)
            owners[fitting[0]] = asset
    if not request.assets:
        owners.update(_nameless([label for label in labels if label not in owners], spec, column))
    if not owners:
        raise _nobody(spec, column, labels, request)
    return owners


def _only(fitting: Sequence[str], asset: str, spec: FileSpec, column: str, labels: Sequence[str]) -> None:
    if len(fitting) == 1:
        return
    if not fitting:
        raise DataError(
            "RL709",
            f"none of {listed(tuple(labels))} is {asset}; keep the rows of one and name it {asset}",
            spec.path,
            column=column,
        )
    raise DataError(
        "RL709",
        f"{listed(tuple(fitting))} could each be {asset}; keep the rows of one of them",
        spec.path,
        column=column,
    )


def _nameless(labels: Sequence[str], spec: FileSpec, column: str) -> dict[str, str | None]:
    if len(labels) <= 1:
        return dict.fromkeys(labels)
    names = list(dict.fromkeys(re.sub(f"{_QUOTES}$", "", label.upper()) for label in labels))
    plain = all(re.fullmatch("[A-Z0-9]+", name) for name in names)
    repair = (
        f"write `assets {', '.join(names[:3])}` in it, or {data_text(spec.path, names[0])}"
        if plain
        else "keep the rows of one"
    )
    message = f"holds {listed(tuple(labels))}, but the rule file names no assets; {repair}"
    raise DataError("RL709", message, spec.path, column=column)


def _nobody(spec: FileSpec, column: str, labels: Sequence[str], request: Request) -> DataError:
    one = f"if it is one, write {data_text(spec.path, request.named[0])}"
    repair = one if len(labels) == 1 else f"keep the rows of one and name it {request.named[0]}"
    wanted = ", ".join(request.named)
    message = f"{listed(tuple(labels))}: none is certain to be one of {wanted}; {repair}"
    return DataError("RL709", message, spec.path, column=column)
