"""The shop of a scenario as arrays: part of `tables.Tables`, so that a scenario without a shop carries nothing.

Shapes stand beside the fields; cells are described in `rules.shopdata`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omnisim.rules.shopdata import DEVICE, FRONT, PRODUCT, REGION, SHOP

_A = np.ndarray
Sold = tuple[_A, _A, _A, _A, _A, _A, _A, _A, _A, _A, _A, _A, _A]


@dataclass(frozen=True)
class Costs:
    """What a shop costs beside its orders, in minor units."""

    marketing_per_day: float = 0.0
    fixed_per_day: tuple[float, ...] = ()  # [channel]
    acquisition: tuple[float, ...] = ()  # [channel] a shopper, by first channel
    capital: float = 0.0
    life_s: float = 1095 * 86400.0
    campaigns: tuple[tuple[float, float, float], ...] = ()  # (moment s, messages, minor units a message)


@dataclass(frozen=True)
class Shop:
    """Everything the rules of buying and delivering read."""

    rules: np.ndarray  # [1] SHOP
    front: np.ndarray  # [channel] FRONT
    asks: np.ndarray  # [channel, channel] where a question goes
    switch: np.ndarray  # [channel, channel + 1] of visits without a cart; last: free choice
    need_to: np.ndarray  # [channel] where an issue that arises from an order enters
    message_to: np.ndarray  # [channel] where a cart message leads
    back_to: np.ndarray  # [channel + 1] where who comes back by himself goes; last: the same
    products: np.ndarray  # [product] PRODUCT
    regions: np.ndarray  # [region] REGION
    devices: np.ndarray  # [device] DEVICE, by channel
    zones: np.ndarray  # [zone, step] minor units
    up_to: np.ndarray  # [step] kg
    region_upto: np.ndarray  # [segment, region] cumulative; no rows where there are no regions
    device_upto: np.ndarray  # [segment, device] cumulative within a channel
    product_names: list[str]
    region_names: list[str]
    device_names: list[str]
    costs: Costs

    def sold(self) -> Sold:
        """The arrays that the rules read, in the order in which they take them."""
        return (
            self.front, self.asks, self.switch, self.message_to, self.back_to, self.rules, self.products, self.regions, self.zones,
            self.up_to, self.devices, self.device_upto, self.region_upto,
        )  # fmt: skip


def no_shop(channels: int) -> Shop:
    """Nobody comes to buy."""
    return Shop(
        np.zeros(1, SHOP), np.zeros(channels, FRONT), np.zeros((channels, channels)), np.zeros((channels, channels + 1)),
        np.zeros(channels), np.zeros(channels), np.zeros(channels + 1), np.zeros(0, PRODUCT), np.zeros(0, REGION), np.zeros(0, DEVICE),
        np.zeros((0, 0)), np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0)), [], [], [], Costs(),
    )  # fmt: skip
