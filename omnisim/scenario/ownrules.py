"""Names of a person's own rules (see `omnisim.own`): only what is registered is known."""

from dataclasses import dataclass

from .kinds import Json, Kind, Plain, Reading
from .problem import listing, nearest
from .tree import Leaf, Node


@dataclass(frozen=True)
class OwnRule(Kind[str]):
    """The name of a registered rule for one place."""

    place: str

    @property
    def bound(self) -> str:  # type: ignore[override]
        return f"name of a registered rule for {self.place}"

    def read(self, node: Node, path: str, cx: Reading) -> str:
        from omnisim.own import RULES  # brings in the compiler, so only where a scenario names a rule

        value = node.value if isinstance(node, Leaf) else None
        known = sorted(name for name, rule in RULES.items() if rule.place == self.place)
        if not isinstance(value, str) or value not in known:
            hint = nearest(value, known) if isinstance(value, str) else ""
            have = f"registered are: {listing(known)}" if known else "none is registered"
            self.refuse(node, path, cx, f"no rule of this name for {self.place} ({have}; --rules FILE.py brings in your own){hint}")
        return value

    def plain(self, value: str, currency: str = "USD") -> Plain:
        return value

    def schema(self, partial: bool = False) -> Json:
        return {"type": "string"}
