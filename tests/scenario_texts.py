"""Texts of scenario files that the scenario tests share: the smallest valid one, the whole sample of the model, a shop."""

from pathlib import Path

from omnisim.scenario import Scenario, load

SMALL = """\
omnisim: 1
clock: {horizon: 8 h}
demand:
  calls: {goal: issue, rate: 2 /min, enter: {phone: 1}}
channels:
  phone: {help: {mode: live, handling: {law: exponential, mean: 5 min}}}
staffing:
  pools:
    desk: {agents: 12, skills: {phone: {}}}
"""

# the sample of the model's description, without shoppers (they are in SHOP)
SAMPLE = """\
omnisim: 1                       # schema version
name: Shop, textbook
currency: USD
scale: 1.0
clock: {start: "2026-11-30 00:00", horizon: 48 h, warmup: 2 h, interval: 30 min, at_end: cut}
demand:
  calls: {goal: issue, rate: 100 /min, enter: {call_center: 1.0}}
  day:   {goal: issue, rate: {"00:00": 2 /min, "01:00": 3.6 /min}, enter: {call_center: 1.0}}
  mails: {goal: issue, at: {"00:00": 100}, enter: {email: 1.0}, preceded: {web: 0.57}}
  shoppers:
    goal: markov
    volume: 2300000
    profile:
      hourly: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1]
      weekly: [1, 1, 1, 1, 1.5, 2, 1]
    surge: [{from: "2026-11-30 20:00", to: "2026-11-30 23:00", factor: 3}]
    enter: {web: 0.5, app: 0.2, store: 0.2, social: 0.07, call_center: 0.03}
world: {busyness_cv: 0.1}
channels:
  call_center:
    hours: "Mon-Sun 08:00-22:00"
    help:
      mode: live
      handling: {law: lognormal, mean: 330 s, cv: 0.8}
      wrap: {law: exponential, mean: 30 s}
      patience: {law: exponential, mean: 2 min}
      queue_limit: 40
      at_close: serve
      resolve: 0.70
      service_level: {within: 20 s, target: 0.80, formula: answered_in_time_over_offered, strict: false, short: 5 s}
  billing: {medium: call_center, help: {mode: live, handling: {law: exponential, mean: 4 min}, patience: never}}
  email: {help: {mode: inbox, handling: {law: constant, value: 6 min}, deadline: 4 h, missed: {call_center: 0.71}, withdraw: false}}
  chat: {help: {mode: live, handling: {law: exponential, mean: 4 min}}}
  web: {browse: {time: {law: lognormal, mean: 1310 s, cv: 1.6}, resolve: 0.2}, sell: false}
  app: {browse: {time: {law: gamma, mean: 10 min, cv: 0.5}}}
  social: {browse: {time: {law: triangular, low: 1 min, mode: 2 min, high: 6 min}}}
  store: {browse: {time: {law: uniform, low: 5 min, high: 15 min}}}
staffing:
  routing: {agent: preference, contact: priority}
  pools:
    phone:
      agents: 100
      at_shift_end: finish
      wage: 19 USD/h
      skills:
        {call_center: {priority: 1, preference: 2, speed: 1.0}, chat: {concurrency: 3, slowdown: [1, 1.33, 1.83]}, billing: {priority: 2}}
    mail: {agents: {"08:00": 40, "20:00": 5}, skills: {email: {}}}
journey:
  markov: {switch: {web: {call_center: 0.15}}, convert: {web: 0.22, call_center: 0.3}}
  issue: {retry: {after_abandoned: 0.5, after_unresolved: 0.8, delay: {law: exponential, mean: 10 min},
                  channel: {same: 0.6, call_center: 0.4}, most: 20, redraw: true}}
context:
  preset: omnichannel
  identify: {call_center: 0.9}
  link: {web: {call_center: 0.8}}
  latency: 1 min
  time_to_live: 90 d
  coherence: 0.98
  self_service_counts: true
  weights: {identity: 1, history: 1, cart: 1, issue: 1, preference: 1}
  effects: {repeat_time: 75 s, lookup_time: 0 s, resolution_loss: 0.2, patience_factor: 1, purchase: 0, cart_lost: 0}
  harms: {false_match: 0, stale: 0, consent_friction: 0, induced_contacts: 0}
  hub: {cost: 900 USD/day, down: []}
customers:
  segments:
    young: {share: 0.4, habit: {chat: 1, call_center: -0.5}, patience_factor: 0.8}
    old: {share: 60 %, effort_sensitivity: 2}
  choice: {wait: 0.1 /min, effort: {store: 2}, fit: {issue: {call_center: 1}}, nudge: {app: 0.3}, outside: -1}
"""

# a shop with every word there is, but for the rate card
SHOP = """\
omnisim: 1
name: Shop, all words
currency: USD
clock: {start: "2026-11-30 00:00", horizon: 48 h, interval: 30 min}
regions: {far: {share: .4, zone: "8", distance: 1500 mi, lead_factor: 1.3, store: false, language: es,
          currency: SEK, exchange_cost: 1 %, duty: 2 %}, near: {share: .6, zone: "2", distance: 50 mi,
          stops_per_square_mile: 4, delivery: {pickup: 10 %}}}
catalog: {products: {shirt: {share: .7, price: 30 USD, cv: .8, items: 2, margin: 45 %, weight: .3 kg, returned: 25 %, faulty: 1 %,
                             replenished: true},
                     lamp: {share: .3, price: 90 USD, cv: .6, items: 1.1, margin: 35 %, weight: 2.5 kg, returned: 8 %, faulty: 2 %}},
          lines: [.9, .1]}
demand:
  shoppers: {goal: shop, volume: 2300, enter: {web: .6, app: .2, store: .2}}
  earlier_orders: {goal: issue, rate: 2 /h, enter: {call_center: 1}}
channels:
  web: {sell: true, browse: {time: {law: lognormal, mean: 1310 s, cv: 1.65}}, devices: {desktop: {share: .33}, phone: {share: .67,
      buy: -.52, pad: .7}}}
  app: {sell: true, browse: {time: {law: lognormal, mean: 900 s, cv: 1.6}}}
  store: {sell: true, hours: "Mon-Sun 09:00-21:00", browse: {time: {law: lognormal, mean: 15 min, cv: .8}},
          help: {mode: live, handling: {law: exponential, mean: 4 min}, patience: {law: exponential, mean: 10 min}}}
  chat: {help: {mode: live, handling: {law: lognormal, mean: 8.8 min, cv: 1.2}, patience: {law: exponential, mean: 150 s}}}
  email: {help: {mode: inbox, handling: {law: constant, value: 8 min}, deadline: 12 h, missed: {call_center: 71 %}}}
  call_center: {help: {mode: live, handling: {law: lognormal, mean: 5.5 min, cv: 1.2}, patience: {law: exponential, mean: 7 min},
      resolve: 70 %}}
  pickup_desk: {medium: store, help: {mode: live, handling: {law: constant, value: 3 min}}}
staffing: {pools: {care: {agents: 4, wage: 19 USD/h, skills: {call_center: {}, chat: {concurrency: 3}, email: {priority: 2}}},
                   floor: {agents: 3, wage: 16.19 USD/h, skills: {store: {}, pickup_desk: {}}}}}
customers: {segments: {careful: {share: .5, price_sensitivity: 1.5, device: {desktop: .2, phone: .8}}, keen: {share: .5,
    basket_factor: 1.2, buy: .3, login_rate: 1.1, region: {near: 1}}}}
journey:
  shop:
    cart: {web: 13 %, app: 15 %, store: 30 %}
    buy: {web: 36 %, app: 40 %, store: 83 %}
    carry: {store: true}
    switch: {web: {store: 8 %, app: 5 %}, store: {web: 10 %}}
    switch_delay: {law: exponential, mean: 6 h}
    ask: {share: {web: 4 %, app: 4 %, store: 10 %}, channel: {web: {chat: .7, email: .3}, app: {chat: 1}}, keen: 3, lift: {chat: 1.16},
        delay: .12, scale: 5 min, unanswered: .5, elsewhere: 0}
    purchase: {fee: 12, lead: .02 /d, lead_by: {app: .03 /d}, contradiction: 0}
    reasons: {account: 14 %, trust: 13 %, checkout: 12 %}
    back: {share: 10 %, delay: {law: exponential, mean: 1 d}, channel: {same: .8, app: .2}, most: 1}
  issue:
    orders: {question: 7 %, late: 40 %, faulty: 90 %, returned: 15 %, enter: {call_center: .6, email: .4}}
    retry: {after_unresolved: 75 %, after_abandoned: 54 %, delay: {law: exponential, mean: 1 h}, most: 5}
context: {preset: multichannel, effects: {repeat_time: 75 s, resolution_loss: 20 %, purchase: 0, cart_lost: 30 %}}
fulfilment:
  pick: 2 USD
  pick_item: .2 USD
  store_pick: 2.7 USD
  tasks: {returns: pickup_desk}
  sourcing: store_reserve
  substitute: 20 %
  record: {wrong: 65 %, error: .1, count: 90 d}
  nodes:
    dc: {kind: centre, miles: {near: 200 mi, far: 900 mi}, review: 7 d, lead: {law: exponential, mean: 2 d}, pick: 1.9 USD,
        pick_item: .1 USD, capacity: 400, cut_off: "16:00", stock: {shirt: {start: 250, level: 300, reorder: 100}, lamp: {level: 90}}}
    shop: {kind: store, stock: {shirt: {level: 40, reserve: 4}, lamp: {level: 9}}}
shipping:
  carriage: {parcel: 8.759 USD, item: .423 USD, item_mile: .000541 USD}
  lead: {law: lognormal, mean: 4 d, cv: .8}
  promise: 7 d
  fee: {policy: threshold, amount: 5.95 USD, above: 75 USD, free_for: [keen]}
  pad: {share: 36 %, reach: 2, returned: 10 %}
  pickup: {share: 10 %, ready: {law: constant, value: 2 h}, promise: 4 h, collect: {law: exponential, mean: 20 h}, cost: 1 USD,
      desk: pickup_desk, extra: {share: 20 %, value: 25 USD, cv: .8}, look: {share: 5 %, channel: store}}
returns: {after: {law: exponential, mean: 10 d}, cost: 10 USD, store_cost: 4 USD, store_share: 61 %, loss: 15 %, faulty: 80 %,
    late_factor: 1.5, factor: {store: .57}, window: 30 d, postage: {cost: 6 USD, customer_pays: 50 %}, exchange: 10 %,
    inspection: {share: 90 %, cost: 2 USD}, extra: {share: 20 %, value: 20 USD}}
marketing: {cart_message: {delay: {law: constant, value: 1 h}, open: 41.2 %, click: 23 %, channel: {app: .6, web: .4}, coupon: 10 %,
    cost: .002 USD, reach: 90 %, most: 2, response: {cost: 1.5}, redeem: 30 %},
    fatigue: {loss: 10 %, unsubscribe: .2 %, one_off: .2, memory: 30 d},
    campaigns: {spring: {at: "2026-11-30 10:00", sent: 5000, to: replenished, open: 20 %, click: 5 %, enter: {web: 1}, over: 6 h,
        contact: 1 %, ask: {call_center: 1}, coupon: 10 %, cost: .002 USD, announced: false, unaware: 30 %}}}
costs: {payment: 2.5 %, commission: {}, acquisition: {web: .25 USD}, marketing: 300 USD/d, fixed: {store: 800 USD/d},
    capital: 50000 USD, life: 1095 d}
"""


def write(folder: Path, text: str, name: str = "shop.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, **sets: object) -> Scenario:
    """The scenario of this text; `sets` use `__` for the points of a path."""
    return load(write(folder, text), {k.replace("__", "."): v for k, v in sets.items()})
