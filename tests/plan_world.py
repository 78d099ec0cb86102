"""A small contact centre that plans, what-ifs and re-forecasts are tested on: phone, chat with a bot, e-mail; one day, half hours."""

import yaml

from omnisim.scenario import Scenario, from_plain

TEXT = """
omnisim: 1
name: Small centre
clock: {start: "2026-03-03 08:00", horizon: 6 h, interval: 30 min}
demand:
  calls: {goal: issue, rate: {"08:00": 40 /h, "10:00": 80 /h, "12:00": 50 /h}, enter: {phone: 1}}
  chats: {goal: issue, rate: 30 /h, enter: {chat: 1}}
  mails: {goal: issue, rate: 12 /h, enter: {email: 1}}
channels:
  phone:
    help:
      {mode: live, handling: {law: exponential, mean: 4 min}, patience: {law: exponential, mean: 3 min}, resolve: 80 %,
       service_level: {within: 20 s, target: 70 %}}
  chat:
    help:
      {mode: live, handling: {law: exponential, mean: 6 min}, patience: {law: exponential, mean: 3 min},
       service_level: {within: 45 s, target: 70 %}}
    bot: {time: {law: exponential, mean: 1 min}, contain: 50 %}
  email: {help: {mode: inbox, handling: {law: exponential, mean: 5 min}, deadline: 4 h}}
staffing:
  pools:
    desk: {agents: {"08:00": 6, "10:00": 9, "12:00": 7}, wage: 20 USD/h, skills: {phone: {}}}
    talk: {agents: 2, wage: 20 USD/h, skills: {chat: {concurrency: 2}, phone: {priority: 2}}}
    post: {agents: 2, wage: 18 USD/h, skills: {email: {}}}
journey:
  issue: {retry: {after_abandoned: 50 %, after_unresolved: 50 %, delay: {law: exponential, mean: 20 min}, channel: {same: 1}, most: 3}}
context: {preset: omnichannel, effects: {repeat_time: 60 s, resolution_loss: 20 %}}
"""


def small(**changes: object) -> Scenario:
    """The scenario, with some paths changed (points written as __)."""
    return from_plain(yaml.safe_load(TEXT)).with_({path.replace("__", "."): value for path, value in changes.items()})
