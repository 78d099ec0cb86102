"""A scenario: everything that is said about one world and one strategy, read, checked and in base units.

    load("omni.yaml") -> Scenario --with_({"context.preset": "siloed"})--> Scenario        (neither ever changes)

Attribute names are the keys of the file.  Durations are s, rates 1/s, shares 0 to 1, wages per hour, the hub's cost per day.
Mappings are in sorted order, whatever the order in the file.
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import build, provenance, resolve
from .blocks import RULE, Block, said
from .catalog import CATALOG, REGIONS, Catalog, Region
from .channels import CHANNELS, Channel
from .clock import CLOCK, Clock
from .context import CONTEXT, Context
from .costs import COSTS, Costs
from .customers import CUSTOMERS, Customers
from .delivery import SHIPPING, Shipping
from .demand import DEMAND, WORLD, Stream, World
from .files import Folder
from .fulfilment import FULFILMENT, Fulfilment
from .journey import JOURNEY, Journey
from .kinds import Number, Reading, Whole
from .layers import NOT_BLOCKS, Layers
from .marketing import MARKETING, Marketing
from .presets import Provenance
from .problem import Pos
from .relationship import RELATIONSHIP, Relationship
from .returns import RETURNS, Returns
from .rollout import ROLLOUT, Rollout
from .staffing import STAFFING, Staffing
from .textkinds import Line
from .tree import Map, Node, found

VERSION = 1
CURRENCY = "[A-Z]{3}"
_NOWHERE = Layers(Map(Pos(""), {}))


class _Version(Whole):
    """The schema version this program reads."""

    def read(self, node: Node, path: str, cx: Reading) -> int:
        value = getattr(node, "value", None)
        if value != VERSION or isinstance(value, bool):
            cx.refuse(node.pos, path, f"found {found(node)}; this program reads schema version {VERSION}")
        return VERSION


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One world under one strategy.  Made by `load`; never changed.

    `path`: the file as it was named, None if there was none.  `warnings`: one line each.  `changes`: the `path=value` by which it
    was varied.  Equality compares meaning: name and blocks, not path, warnings or the way it was written.
    """

    omnisim: int = said(_Version(VERSION, VERSION), "schema version")
    name: str = said(Line(), "what people call it; absent: the file's name", or_none=True)
    currency: str = said(
        Line(3, CURRENCY, "a currency code is needed, such as USD"), "currency of all amounts", default="USD", because=RULE
    )
    scale: float = said(Number(high=1e6), "multiplies every rate, volume and batch, never staff", default=1.0)
    clock: Clock = said(CLOCK, "start, horizon (required), warm-up, interval, end")
    demand: dict[str, Stream] = said(DEMAND, "streams of people arriving")
    world: World = said(WORLD, "what all streams have in common", default=World)
    channels: dict[str, Channel] = said(CHANNELS, "where they are served")
    staffing: Staffing | None = said(STAFFING, "who serves; absent: nobody", or_none=True)
    journey: Journey = said(JOURNEY, "what customers do next", default=Journey)
    context: Context | None = said(CONTEXT, "what is remembered between touches; absent: the mechanism is off", or_none=True)
    customers: Customers | None = said(CUSTOMERS, "segments and free choice; absent: all alike", or_none=True)
    regions: dict[str, Region] = said(REGIONS, "where shoppers live; absent: all in one place", default=dict)
    catalog: Catalog | None = said(CATALOG, "what is sold; absent: orders without a value", or_none=True)
    fulfilment: Fulfilment | None = said(FULFILMENT, "making orders ready; absent: costs nothing", or_none=True)
    shipping: Shipping | None = said(SHIPPING, "delivery; absent: at once, for nothing", or_none=True)
    returns: Returns | None = said(RETURNS, "returns; absent: they cost nothing", or_none=True)
    marketing: Marketing | None = said(MARKETING, "reaching out to customers; absent: nothing is sent", or_none=True)
    relationship: Relationship | None = said(
        RELATIONSHIP, "what follows from a journey; absent: nobody is followed beyond his need", or_none=True
    )
    costs: Costs | None = said(COSTS, "what is paid besides; absent: nothing", or_none=True)
    rollout: Rollout | None = said(ROLLOUT, "how it is rolled out (`omnisim rollout`); absent: at once", or_none=True)
    path: str | None = field(default=None, compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)
    changes: tuple[str, ...] = field(default=(), compare=False)
    layers: Layers = field(default=_NOWHERE, compare=False, repr=False)  # as it was written
    folder: Folder | None = field(default=None, compare=False, repr=False)

    def with_(self, changes: Mapping[str, object]) -> "Scenario":
        """This scenario with some values changed: `{"context.preset": "siloed", "staffing.pools.phone.agents": 12}`.

        Text is read like the value of `--set path=value`; None removes.  The name stays, unless it is changed too.
        Raises ScenarioError.
        """
        return build.vary(self, changes, SCENARIO)

    def resolved(self) -> dict[str, Any]:
        """Everything, defaults and presets included, as a plain nested dict: a valid scenario file that reads back equal."""
        return resolve.resolved(self, SCENARIO)

    def resolved_text(self, origin: bool = False) -> str:
        """The same as YAML text; with `origin`, each value is followed by `# file:line`, `# default` or `# preset NAME`."""
        return resolve.resolved_text(self, SCENARIO, origin)

    def origin(self) -> list[tuple[str, str, str, int]]:
        """(path, value as text, file, line) of every value; file is `default` or `preset NAME`, with line 0, where no file says it."""
        return resolve.origins(self, SCENARIO)

    def hash(self) -> str:
        """SHA-256, in hex, of the meaning: equal for two ways of writing the same scenario under any name."""
        return resolve.digest(self, SCENARIO)

    def canonical(self) -> str:
        """The meaning as one line of JSON, without the name: what `hash` is the hash of."""
        return resolve.canonical(self, SCENARIO)

    def provenance(self) -> list[Provenance]:
        """Where the values come from that files annotate or a preset sets."""
        return provenance.rows(self, SCENARIO)


SCENARIO: Block[Scenario] = Block(Scenario, also=NOT_BLOCKS)


def resolved_text(scenario: Scenario, origin: bool = False) -> str:
    """See `Scenario.resolved_text`."""
    return scenario.resolved_text(origin)
