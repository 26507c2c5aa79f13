"""What the rules ask of the data, and what the command line says about it."""

import re
import shlex
from decimal import Decimal, InvalidOperation
from enum import Enum

from attrs import frozen

from rulelang.data.errors import DataError, shown
from rulelang.fields import Field

_SUFFIX = r"(?:\.(?:parquet|pq|csv|ndjson|jsonl|json|feather|arrow|ics|zip)(?:\.gz)?|^-)"
_LABELLED = re.compile(r"(?P<path>.{2,}|-):(?P<asset>[0-9_]*[A-Z][A-Z0-9_]*)", re.DOTALL)
_SMALL_LABEL = re.compile(rf"(?P<path>.*{_SUFFIX}):(?P<asset>\w*)", re.DOTALL)


class Stamp(Enum):
    """Which moment of a bar its time is."""

    OPEN = "open"
    CLOSE = "close"


@frozen
class Need:
    """A field that the rules read: of each asset they run for (`asset` is `None`), or of the asset named.

    `field` is the field as the rule file declares it: cadence, bounds and kind are taken from there.
    """

    asset: str | None
    field: Field


@frozen
class Request:
    """What the rules need: fields, assets (`()`: the nameless one), base period in seconds if stated, event names.

    `welcome`: fields that are handed over where a file has them, and that may be absent. `idle`: assets whose own rules
    don't count, so that what they need may be absent too.
    """

    needs: tuple[Need, ...]
    assets: tuple[str, ...] = ()
    bars: int | None = None
    events: tuple[str, ...] = ()
    welcome: tuple[Need, ...] = ()
    idle: frozenset[str | None] = frozenset()

    def fields_of(self, asset: str | None) -> tuple[Field, ...]:
        """Return the fields needed or welcome of an asset, each once, in the order of the needs."""
        return self._of(asset, (*self.welcome, *self.needs))

    def required_of(self, asset: str | None) -> tuple[Field, ...]:
        """Return the fields that an asset can't be without."""
        own = asset not in self.idle
        return self._of(asset, tuple(need for need in self.needs if own or need.asset is not None))

    def _of(self, asset: str | None, needs: tuple[Need, ...]) -> tuple[Field, ...]:
        own = asset is None or asset in self.assets
        wanted = [n.field for n in needs if (n.asset == asset if n.asset is not None else own)]
        return tuple({field.name: field for field in wanted}.values())

    @property
    def named(self) -> tuple[str, ...]:
        """Every asset that has a name: the ones the rules run for, then the ones they read."""
        needs = (*self.needs, *self.welcome)
        return tuple(dict.fromkeys((*self.assets, *(n.asset for n in needs if n.asset is not None))))

    @property
    def all_assets(self) -> tuple[str | None, ...]:
        """Every asset, the nameless one (`None`) first where the rule file lists none."""
        return self.named if self.assets else (None, *self.named)


@frozen
class FileSpec:
    """One file of `--data`: its path (`-`: standard input) and the asset that all of it belongs to, if stated."""

    path: str
    asset: str | None = None


@frozen
class Mapping_:
    """One `--map`: the column that is a field (or `time`), and the factor that makes it the field's unit."""

    field: str
    column: str
    scale: Decimal = Decimal(1)


def parse_spec(text: str) -> FileSpec:
    """Return the file that `PATH` or `PATH:ASSET` names; an asset is written in capitals.

    >>> parse_spec("btc.parquet:BTC"), parse_spec("C:/data/btc.csv")
    (FileSpec(path='btc.parquet', asset='BTC'), FileSpec(path='C:/data/btc.csv', asset=None))
    """
    if not text.strip():
        raise DataError("RL710", "`--data` names no file; write --data PATH or --data PATH:ASSET")
    if found := _LABELLED.fullmatch(text):
        return FileSpec(found["path"], found["asset"])
    if found := _SMALL_LABEL.fullmatch(text):
        asset = found["asset"].upper() or "BTC"
        raise DataError(
            "RL710",
            f"{shown(found['asset'])} is no asset: assets are in capitals; write {data_text(found['path'], asset)}",
        )
    return FileSpec(text)


def parse_map(text: str) -> Mapping_:
    """Return what `FIELD=COLUMN` or `FIELD=COLUMN*SCALE` says.

    >>> parse_map("iv=dvol*0.01")
    Mapping_(field='iv', column='dvol', scale=Decimal('0.01'))
    """
    field, sign, rest = text.partition("=")
    column, _, factor = rest.rpartition("*") if "*" in rest else (rest, "", "1")
    if not sign or not field.strip() or not column.strip():
        raise DataError(
            "RL710",
            f"--map {shown(text)} can't be understood; "
            "write --map FIELD=COLUMN or FIELD=COLUMN*SCALE, as in iv=dvol*0.01",
        )
    return Mapping_(field.strip(), column.strip(), _scale(text, factor.strip()))


def _scale(text: str, factor: str) -> Decimal:
    try:
        scale = Decimal(factor)
    except InvalidOperation:
        scale = Decimal(0)
    if not scale.is_finite() or scale == 0 or abs(scale.adjusted()) > 30:
        raise DataError(
            "RL710",
            f"--map {shown(text)}: the scale {shown(factor)} is no number to multiply by; write one such as 0.01",
        )
    return scale


def data_text(path: str, asset: str) -> str:
    """Return a `--data` with an asset as it is typed, quoted where a shell needs it."""
    return f"--data {shlex.quote(f'{path}:{asset}')}"


def map_text(mapping: Mapping_) -> str:
    """Return a `--map` as it is typed, quoted where a shell needs it.

    >>> map_text(Mapping_("iv", "dvol", Decimal("0.01")))
    '--map iv=dvol*0.01'
    """
    scale = "" if mapping.scale == 1 else f"*{mapping.scale.normalize():f}"
    body = f"{mapping.field}={mapping.column}{scale}"
    return f"--map {body}" if re.fullmatch(r"[\w.=*-]+", body) else f"--map {shlex.quote(body)}"
