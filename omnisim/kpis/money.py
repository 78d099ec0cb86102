"""KPIs of a shop's money: from revenue over four contribution margins to EBIT.

An order placed in the measured time counts with all that was drawn for it: its return too, even after the end of the run.
"""

from omnisim.kpis.declaration import CHANNEL, REGION, SEGMENT, TOTAL, Measure
from omnisim.kpis.quantities import Count, Derived

PARTS = (TOTAL, CHANNEL, SEGMENT, REGION)

# fmt: off
MEASURES = (
    Measure(
        "revenue", "money", "higher", Derived.REVENUE, None, PARTS,
        "net sales + shipping fees",
        "What customers pay in the end, shipping fees included.",
        "sells", "money",
    ),
    Measure(
        "net_sales", "money", "higher", Derived.NET_SALES, None, PARTS,
        "sales - discounts - refunds + extra sales at collection",
        "What customers pay for the goods they keep.",
        "sells", "money",
    ),
    Measure(
        "online_sales", "money", None, Derived.ONLINE_SALES, None, (TOTAL, REGION),
        "net sales of orders that are sent or collected, without extra sales at the counter",
        "What customers pay for the goods they order and keep.",
        "sells", "money",
    ),
    Measure(
        "store_sales", "money", None, Derived.STORE_SALES, None, (TOTAL, REGION),
        "net sales of goods taken along + extra sales at the counter",
        "What customers pay in stores for the goods they keep.",
        "sells", "money",
    ),
    Measure(
        "basket_mean", "money", "higher", Derived.SALES, Count.SENT, (TOTAL, CHANNEL),
        "sales before discounts and returns / orders that were not cancelled",
        "Mean basket.",
        "sells", "money",
    ),
    Measure(
        "return_rate", "share", "lower", Derived.REFUNDED, Derived.SOLD, (TOTAL, CHANNEL, SEGMENT),
        "refunds / (sales - discounts), of orders placed in [warm-up, horizon), whenever the goods go back",
        "Share of sales that goes back, by value.",
        "sells", "money",
    ),
    Measure(
        "shipping_cost_per_order", "money", "lower", Derived.CARRIAGE, Count.SHIPPED, (TOTAL, CHANNEL, REGION),
        "paid to carriers, and for moving goods to a store / orders sent home or to a store",
        "What carrying an order costs, whoever pays for it.",
        "sells", "money",
    ),
    Measure(
        "lossmaking_order_share", "share", "lower", Count.LOSING, Count.ORDERS, (TOTAL, CHANNEL, REGION),
        "orders with a contribution margin 2 below 0 / orders",
        "Share of orders that lose money before any labour is paid.",
        "sells", "money",
    ),
    Measure(
        "extra_sales", "money", "higher", Derived.EXTRA, None, (TOTAL,),
        "what people buy besides when they collect an order or bring something back",
        "Sales in the store to people who came to collect, or to bring something back.",
        "sells", "money",
    ),
    Measure(
        "shipping_fees", "money", None, Derived.FEES, None, (TOTAL,),
        "shipping fees paid by customers, and their part of the postage of returns",
        "What customers pay for shipping; it is not given back with a return.",
        "sells", "money",
    ),
    Measure(
        "goods_cost", "money", None, Derived.GOODS, None, (TOTAL,),
        "cost of goods sold, extra sales included - cost of goods that came back and can be sold again",
        "What the goods cost that customers keep, or that a return spoilt.",
        "sells", "money",
    ),
    Measure(
        "selling_cost", "money", "lower", Derived.SELLING, None, (TOTAL,),
        "commission of marketplaces + fees for payments",
        "What selling and being paid costs.",
        "sells", "money",
    ),
    Measure(
        "handling_cost", "money", "lower", Derived.HANDLING, None, (TOTAL,),
        "cost of picking and packing",
        "What picking and packing the orders costs.",
        "sells", "money",
    ),
    Measure(
        "carriage_cost", "money", "lower", Derived.CARRIAGE, None, (TOTAL,),
        "paid to carriers, and for moving goods to a store",
        "What carrying the orders costs.",
        "sells", "money",
    ),
    Measure(
        "return_cost", "money", "lower", Derived.RETURNING, None, (TOTAL,),
        "cost of taking goods back, refunds and spoilt goods not included",
        "What taking goods back costs.",
        "sells", "money",
    ),
    Measure(
        "marketing_cost", "money", "lower", Derived.MARKETING, None, (TOTAL,),
        "cart messages + acquisition of shoppers + marketing by the day",
        "What winning customers costs.",
        "sells", "money",
    ),
    Measure(
        "fixed_cost", "money", "lower", Derived.FIXED, None, (TOTAL,),
        "fixed cost of channels and nodes, by the day, and of keeping goods",
        "What channels cost whatever they sell.",
        "sells", "money",
    ),
    Measure(
        "holding_cost", "money", "lower", Derived.HOLDING, None, (TOTAL,),
        "units x time on the shelves of nodes x what keeping a unit costs; part of fixed cost",
        "What keeping goods costs.",
        "sells", "nodes",
    ),
    Measure(
        "capital_cost", "money", "lower", Derived.CAPITAL, None, (TOTAL,),
        "capital x measured time / its life",
        "The share of an investment that the measured time writes off.",
        "sells", "money",
    ),
    Measure(
        "cm1", "money", "higher", Derived.CM1, None, PARTS,
        "net sales - cost of goods - commission",
        "Contribution margin 1: what sales leave once the goods are paid.",
        "sells", "money",
    ),
    Measure(
        "cm2", "money", "higher", Derived.CM2, None, PARTS,
        "contribution margin 1 + shipping fees - payment - picking - carriage - cost of returns",
        "Contribution margin 2: what is left once the goods are with the customer, and back.",
        "sells", "money",
    ),
    Measure(
        "cm2_per_order", "money", "higher", Derived.CM2, Count.ORDERS, PARTS,
        "contribution margin 2 / orders",
        "What an order leaves once the goods are with the customer, and back.",
        "sells", "money",
    ),
    Measure(
        "cm4_per_shopper", "money", "higher", Derived.CM4, Count.FIRST_SHOP, (TOTAL,),
        "contribution margin 4 / shoppers, by first arrival, whether they bought or not",
        "What a shopper leaves once those who serve are paid and he was won.",
        "sells", "money",
    ),
    Measure(
        "coupon_cost", "money", "lower", Derived.DISCOUNTS, None, (TOTAL, CHANNEL),
        "discounts by coupon",
        "What coupons took off the price.",
        "sells", "coupons",
    ),
    Measure(
        "cm3", "money", "higher", Derived.CM3, None, (TOTAL, CHANNEL),
        "contribution margin 2 - labour, outsourcing, training and bots; by channel, what a pool costs is shared by handling time, so a "
        "channel that only helps shows what its help costs",
        "Contribution margin 3: what is left once those who serve are paid.",
        "served", "money",
    ),
    Measure(
        "channel_profit", "money", "higher", Derived.STANDS, None, (TOTAL, CHANNEL),
        "contribution margin 3 - acquisition of shoppers whose first channel it is - fixed cost of the channel",
        "What a channel leaves once its own costs are paid; one that only helps, or is rarely used, can cost more than it brings.",
        "served", "money",
    ),
    Measure(
        "cm4", "money", "higher", Derived.CM4, None, (TOTAL,),
        "contribution margin 3 + margin of the fees of renewals - messages - acquisition - marketing",
        "Contribution margin 4: what is left once customers are won.",
        "sells", "money",
    ),
    Measure(
        "ebit", "money", "higher", Derived.EBIT, None, (TOTAL,),
        "contribution margin 4 - fixed costs - hub - capital x measured time / its life",
        "Earnings before interest and taxes of the measured time.",
        "sells", "money",
    ),
    Measure(
        "ebit_per_order", "money", "higher", Derived.EBIT, Count.ORDERS, (TOTAL,),
        "EBIT / orders",
        "What an order earns when everything is paid.",
        "sells", "money",
    ),
)
# fmt: on
