"""KPIs of a shop: visits, carts, purchases, and what became of orders; counted by arrival, orders by the moment they are placed."""

from omnisim.kpis.declaration import CHANNEL, INTERVAL, REGION, SEGMENT, TOTAL, Measure
from omnisim.kpis.quantities import Count, Derived

# fmt: off
MEASURES = (
    Measure(
        "visits", "visits", None, Count.VISITS, None, (TOTAL, CHANNEL),
        "visits of shoppers that arrived in [warm-up, horizon)",
        "Visits of shoppers: each look at a channel is one, each call of somebody who calls to buy is one.",
        "shown", "shop",
    ),
    Measure(
        "questions", "contacts", None, Count.ASKED, None, (TOTAL, CHANNEL),
        "visits that raised a question, by the channel on which the shopper looked",
        "Questions before buying.",
        "shown", "shop",
    ),
    Measure(
        "answered_questions", "contacts", "higher", Count.ANSWERS, None, (TOTAL, CHANNEL),
        "contacts about a question that were handled while the shopper still waited, by the channel on which he looked",
        "Questions before buying that were answered.",
        "shown", "shop",
    ),
    Measure(
        "carts", "carts", "higher", Count.CARTS, None, (TOTAL, CHANNEL),
        "visits that came to the checkout; who comes back to a cart counts again",
        "Visits that ended at the checkout, with or without a purchase.",
        "sells", "shop",
    ),
    Measure(
        "orders", "orders", "higher", Count.ORDERS, None, (TOTAL, CHANNEL, SEGMENT, REGION, INTERVAL),
        "orders placed in [warm-up, horizon)",
        "Orders, by the channel that sold them.",
        "sells", "shop",
    ),
    Measure(
        "cart_rate", "share", "higher", Count.CARTS, Count.VISITS, (TOTAL, CHANNEL),
        "carts / visits",
        "Share of visits that came to the checkout.",
        "sells", "shop",
    ),
    Measure(
        "purchase_rate", "share", "higher", Count.BOUGHT, Count.CARTS, (TOTAL, CHANNEL),
        "checkouts that ended in a purchase / carts",
        "Share of checkouts that ended in a purchase.",
        "sells", "shop",
    ),
    Measure(
        "cart_abandonment", "share", "lower", Derived.CARTS_LEFT, Count.CARTS, (TOTAL, CHANNEL),
        "(carts - purchases) / carts",
        "Share of checkouts at which the cart was left.",
        "sells", "shop",
    ),
    Measure(
        "abandoned_cost", "share", "lower", Count.LEFT_COST, Count.LEFT, (TOTAL,),
        "carts left because of the shipping fee / carts left (at the checkout, or lost on the way back to them)",
        "Share of the carts left that would have been bought without the shipping fee.",
        "sells", "shop",
    ),
    Measure(
        "abandoned_delivery", "share", "lower", Count.LEFT_DELIVERY, Count.LEFT, (TOTAL,),
        "carts left because of the promised delivery time / carts left",
        "Share of the carts left because delivery takes too long.",
        "sells", "shop",
    ),
    Measure(
        "abandoned_wait", "share", "lower", Count.LEFT_WAIT, Count.LEFT, (TOTAL,),
        "carts left because an answer came late, elsewhere or never / carts left",
        "Share of the carts left because of the wait for an answer.",
        "sells", "shop",
    ),
    Measure(
        "abandoned_context", "share", "lower", Count.LEFT_CONTEXT, Count.LEFT, (TOTAL,),
        "carts left because cart or story were lost, or answers contradicted each other / carts left",
        "Share of the carts left because the firm forgot, or contradicted itself.",
        "sells", "shop",
    ),
    Measure(
        "abandoned_other", "share", None, Count.LEFT_OTHER, Count.LEFT, (TOTAL,),
        "carts left for any other reason: account, trust, checkout, only browsing / carts left",
        "Share of the carts left for reasons that no strategy here touches.",
        "sells", "shop",
    ),
    Measure(
        "carts_kept", "share", "higher", Count.KEPT, Count.CAME_BACK, (TOTAL,),
        "visits to a cart that found it as it was left / visits that came back to a cart",
        "Share of those who come back to a cart and find it, on whatever channel. Compare with care: who was sent no message comes back "
        "by himself, mostly to the channel where it stands, so where few are recognised few come back and more of them find it.",
        "sells", "shop",
    ),
    Measure(
        "assisted_ratio", "1", None, Derived.ASSISTED, None, (TOTAL,),
        "(bought / ended) of shoppers whose question was answered live / (bought / ended) of all other shoppers",
        "How many times more often those who were helped buy; not the effect of help: who asks is keener to buy anyway.",
        "sells", "shop",
    ),
    Measure(
        "padding_share", "share", None, Count.PADDED, Count.BELOW, (TOTAL,),
        "first baskets filled up to the free-shipping threshold / first baskets below it, before the decision to buy",
        "Share of the demand below the threshold that pads its basket to reach it.",
        "sells", "money",
    ),
    Measure(
        "on_time_rate", "share", "higher", Count.ON_TIME, Count.PROMISED, (TOTAL, REGION),
        "orders delivered, or ready in the store, by the time promised / orders with a promised time",
        "Share of orders that keep the promise.",
        "sells", "shop",
    ),
    Measure(
        "contacts_per_order", "contacts", "lower", Count.NEED_CONTACTS, Count.ORDERS, (TOTAL,),
        "contacts about needs that arose from an order in [warm-up, horizon) / orders",
        "Contacts an order causes; those that come after the end of the run are not seen.",
        "sells", "shop",
    ),
    Measure(
        "abandoned_stock", "share", "lower", Count.LEFT_STOCK, Count.LEFT, (TOTAL,),
        "carts left because the goods were sold out / carts left",
        "Share of the carts left at a checkout that had nothing left to sell: what the record said online, the shelf in a store.",
        "sells", "nodes",
    ),
    Measure(
        "cancel_rate", "share", "lower", Count.CANCELLED, Count.ORDERS, (TOTAL, CHANNEL, REGION),
        "orders cancelled because the record said stock and the shelf had none / orders",
        "Share of orders that are sold and cannot be made ready anywhere.",
        "sells", "nodes",
    ),
    Measure(
        "resourced_rate", "share", "lower", Count.RESOURCED, Count.ORDERS, (TOTAL,),
        "orders made ready at another node because the shelf of the first was empty / orders",
        "Share of orders that move on to another node because a record was wrong.",
        "sells", "nodes",
    ),
    Measure(
        "substitution_rate", "share", None, Count.SUBSTITUTED, Count.ORDERS, (TOTAL,),
        "orders of another product than the one wanted, which was sold out / orders",
        "Share of orders that a sold-out product would have lost, and another one saved.",
        "sells", "nodes",
    ),
    Measure(
        "parcels_per_order", "parcels", "lower", Count.PARCELS, Count.SHIPPED, (TOTAL, REGION),
        "parcels / orders sent home or to a store",
        "In how many parcels an order comes; one, unless its lines lie in different places.",
        "sells", "nodes",
    ),
    Measure(
        "messages_sent", "messages", None, Count.MESSAGES, None, (TOTAL, CHANNEL),
        "messages about carts that were left, sent in [warm-up, horizon)",
        "Messages to identified customers who left a cart.",
        "sells", "messages",
    ),
    Measure(
        "message_click_rate", "share", "higher", Count.CLICKED, Count.MESSAGES, (TOTAL, CHANNEL),
        "messages that bring somebody back / messages sent",
        "Share of the messages about carts that bring the customer back.",
        "sells", "messages",
    ),
    Measure(
        "cart_recovery", "share", "higher", Count.RECOVERED, Count.MESSAGES, (TOTAL,),
        "orders of customers whom a message brought back to their cart / messages sent",
        "What a message about a cart recovers. Some of them would have come back by themselves: compare with a run without messages.",
        "sells", "messages",
    ),
    Measure(
        "unsubscribe_rate", "share", "lower", Count.UNSUBSCRIBED, Count.MESSAGES, (TOTAL,),
        "messages about carts after which the reader wants no more / messages sent",
        "Share of the messages that cost a reader.",
        "sells", "messages",
    ),
    Measure(
        "coupon_share", "share", None, Count.COUPONS, Count.ORDERS, (TOTAL, CHANNEL),
        "orders with a coupon / orders",
        "Share of orders paid with a coupon.",
        "sells", "coupons",
    ),
    Measure(
        "coupon_waste", "share", "lower", Count.WASTED, Count.COUPONS, (TOTAL,),
        "orders with a coupon by who would have come back by himself and bought at the full price / orders with a coupon",
        "Share of the coupons given to people who would have bought without: their own luck says so. A coupon of a campaign counts only "
        "for who first left his cart.",
        "sells", "coupons",
    ),
    Measure(
        "owned_customers", "share", "higher", Derived.OWNED, Count.ORDERS, (TOTAL,),
        "orders on channels that say who the customer is / orders",
        "Share of the buyers who are the firm's own, not a marketplace's.",
        "sells", "marketplaces",
    ),
    Measure(
        "line_cancel_rate", "share", "lower", Count.LINES_SHORT, Count.LINES, (TOTAL, REGION),
        "lines of orders cancelled because no shelf had them / lines of orders",
        "Share of what was ordered that is never sent: one line short no longer takes the whole order with it.",
        "sells", "nodes",
    ),
    Measure(
        "abandoned_store", "share", None, Count.LEFT_STORE, Count.LEFT, (TOTAL,),
        "carts left to go and buy in the store that has it / carts left",
        "Share of the carts left that are sales on another channel: a web shop alone sees a loss.",
        "sells", "shop",
    ),
    Measure(
        "collected_share", "share", None, Count.COLLECTED, Count.SHIPPED, (TOTAL, REGION),
        "orders collected in a store or at a pick-up point / orders sent home, to a store or to a pick-up point",
        "Share of orders that customers come for.",
        "sells", "shop",
    ),
    Measure(
        "delay_recall", "share", "higher", Count.WARNED_RIGHTLY, Count.LATE, (TOTAL,),
        "late orders whose customers were told before / late orders",
        "Share of late orders that were foreseen and told.",
        "sells", "shop",
    ),
    Measure(
        "delay_precision", "share", "higher", Count.WARNED_RIGHTLY, Count.WARNED, (TOTAL,),
        "late orders whose customers were told before / orders told to be late",
        "Share of those told that their order would be late for which it was true.",
        "sells", "shop",
    ),
    Measure(
        "exchange_rate", "share", None, Count.EXCHANGED, Count.RETURNED, (TOTAL,),
        "orders exchanged / orders that go back, in part or whole",
        "Share of returns that are exchanged and not refunded.",
        "sells", "shop",
    ),
    Measure(
        "write_off_rate", "share", "lower", Count.WRITTEN_OFF, Count.RETURNED, (TOTAL,),
        "orders written off / orders that go back, in part or whole",
        "Share of returns that cannot be sold again.",
        "sells", "shop",
    ),
    Measure(
        "orders_open", "orders", None, Count.STILL_OPEN, None, (TOTAL,),
        "orders placed in [warm-up, horizon) and not delivered by the end of the run",
        "Orders still on their way at the end.",
        "sells", "shop",
    ),
)
# fmt: on
