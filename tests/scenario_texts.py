"""Texts of scenario files that the scenario tests share: the smallest valid one, and the whole sample of the model."""

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

# the sample of the model's description, without the three things that come in a later version (goal shop, selling, slowdown)
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
      skills: {call_center: {priority: 1, preference: 2, speed: 1.0}, chat: {concurrency: 3, slowdown: [1, 1, 1]}, billing: {priority: 2}}
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


def write(folder: Path, text: str, name: str = "shop.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, **sets: object) -> Scenario:
    """The scenario of this text; `sets` use `__` for the points of a path."""
    return load(write(folder, text), {k.replace("__", "."): v for k, v in sets.items()})
