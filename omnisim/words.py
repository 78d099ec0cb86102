"""The vocabulary: every coded word of the model and what it means.

Nothing here computes.  Engines, rules, records and KPIs import these integers, so that one word means one thing everywhere.
The *order* of `Kind` is part of the model: of all that falls on one instant, the smaller kind happens first.
"""

from enum import IntEnum


class Kind(IntEnum):
    """What can happen, in the order in which it happens within one instant."""

    DUTY = 0  # a pool's staffing changes, or a channel opens or closes
    SERVICE_END = 1  # talk, writing or browsing ends
    WRAP_END = 2  # after-contact work ends
    PATIENCE_END = 3  # a waiting customer gives up
    DEADLINE = 4  # an unanswered message reaches its reply deadline
    OVERFLOW = 5  # a waiting contact has waited so long that a pool which helps out may take it
    DELIVERY = 6  # the next happening of an order: a question on the way, the promise passes, delivery, return
    RETRY = 7  # a customer comes back for another attempt, or goes on to the next channel
    ARRIVAL = 8  # a new customer arrives
    AGAIN = 9  # a customer of before has a new need, somebody he told comes, or his subscription falls due


class Goal(IntEnum):
    """What a customer came for."""

    MARKOV = 0
    ISSUE = 1
    SHOP = 2


class Mode(IntEnum):
    """How a touch is served."""

    LIVE = 0  # an agent, at once, the customer waits
    INBOX = 1  # an agent, later, the customer does not wait
    BROWSE = 2  # nobody: self-service


class Outcome(IntEnum):
    """How a touch ended."""

    OPEN = 0  # not ended when the run ended
    HANDLED = 1
    ABANDONED = 2  # gave up waiting (or withdrew the message)
    BLOCKED = 3  # found every waiting place or every line taken
    CLOSED = 4  # found the channel shut, or was cleared when it shut
    BROWSED = 5  # a self-service touch that ended, a bot's too
    DEFLECTED = 6  # waited, and left a message


class Bot(IntEnum):
    """What a bot had to do with a touch."""

    NONE = 0
    TALKS = 1  # a conversation with a bot that has not ended
    SOLVED = 2
    FALSE_CLOSURE = 3  # closed by the bot without having been solved
    ESCALATED = 4  # handed to agents
    UNSOLVED = 5  # not solved, and there is nobody to hand it to
    AFTER = 6  # an agent's contact that a bot handed over


class End(IntEnum):
    """How a journey ended."""

    OPEN = 0
    RESOLVED = 1  # goal issue: the issue is settled
    LOST = 2  # goal issue: gave up with the issue unsettled
    CONVERTED = 3  # goal markov: reached its goal
    LEFT = 4  # goal markov: left without
    OUTSIDE = 5  # took the outside option instead of any open channel


class Step(IntEnum):
    """What a touch of a shopper led to."""

    NONE = 0  # not a shopper's, or still open
    ASKS = 1  # a question before buying
    LEAVES = 2  # no cart
    SWITCHES = 3  # looks on another channel
    DROPS = 4  # leaves a cart
    BUYS = 5
    RETURNS = 6  # leaves a cart and will come back to it


class Message(IntEnum):
    """What became of the message about a cart that was left."""

    NONE = 0  # none was sent
    SENT = 1
    CLICKED = 2  # it brings him back
    ANYWAY = 3  # the same, and he would have come back by himself
    OPENED = 4  # read, and no more


class Reason(IntEnum):
    """Why a shopper left, or left a cart."""

    NONE = 0
    BROWSING = 1  # never meant to buy now
    ACCOUNT = 2
    TRUST = 3
    CHECKOUT = 4
    COST = 5  # shipping fee
    DELIVERY = 6  # too slow
    WAIT = 7  # for an answer
    CONTRADICTION = 8
    CONTEXT = 9  # cart or story lost
    OUT_OF_STOCK = 10
    STORE = 11  # saw that a store has it, and went there to buy


class Need(IntEnum):
    """What a journey is about: the first need, or one that arose from an order."""

    FIRST = 0
    QUESTION = 1
    LATE = 2
    FAULTY = 3
    RETURN = 4
    COLLECT = 5
    # work of the store that an order raises, told as a need of its own
    PICK = 6  # goods are to be picked for collection
    BRING = 7  # goods are brought back to a store


class Carried(IntEnum):
    """Where an order stands."""

    PLACED = 0
    DELIVERED = 1  # or collected
    RETURNED = 2
    CANCELLED = 3  # the record said stock, and the shelf had none


class Parting(IntEnum):
    """How a customer's relationship with the firm stands."""

    STAYS = 0
    DEFECTED = 1  # left for good because of what happened to him
    STOPPED = 2  # left for reasons of his own


class Place(IntEnum):
    """What a node of fulfilment is."""

    CENTRE = 0
    STORE = 1
    THIRD_PARTY = 2


class Sourcing(IntEnum):
    """Which node an order is sent from."""

    DC_ONLY = 0
    NEAREST = 1
    CHEAPEST_ORDER = 2
    STORE_RESERVE = 3
    LOAD_AWARE = 4
    MIN_SPLITS = 5


class Way(IntEnum):
    """How goods reach the customer."""

    TAKEN = 0
    HOME = 1
    PICKUP = 2  # made ready in a store, from its stock
    EXPRESS = 3  # home, faster
    TO_STORE = 4  # sent to a store, and collected there
    POINT = 5  # sent to a pick-up point


class Warned(IntEnum):
    """Whether a customer was told that his order would be late."""

    NOTHING = 0
    RIGHTLY = 1
    FALSELY = 2  # it came in time


class Policy(IntEnum):
    """Who pays shipping fees."""

    FREE = 0
    FLAT = 1
    THRESHOLD = 2


class Duty(IntEnum):
    """What an agent's time is."""

    ON = 1  # on shift
    FINISHING = 2  # shift is over or a break has begun, a contact or wrap-up is not
    # rostered, and not on duty
    BREAK = 3
    PAID_BREAK = 4
    TRAINING = 5  # or in meetings: planned shrinkage
    MISSING = 6  # late, or gone early
    ABSENT = 7
    PAID_ABSENT = 8


class Per(IntEnum):
    """What another firm's agents are paid for."""

    NOTHING = 0  # they are one's own
    CONTACT = 1
    MINUTE = 2  # of talk or writing and wrap-up
    HOUR = 3  # paid


class Fill(IntEnum):
    """Which agent of a pool takes a contact, of those who have something in hand or nothing."""

    SPREAD = 0  # who has least in hand
    STACK = 1  # who has most in hand and can take one more


class ShiftEnd(IntEnum):
    """What happens to the contact in hand when the shift ends."""

    FINISH = 0  # the agent finishes it
    HAND_OVER = 1  # it goes back to the head of its line, for another agent to go on with
    CUT = 2  # it ends


class Fact(IntEnum):
    """The kinds of things a firm can remember of a customer (model: context retention)."""

    IDENTITY = 0
    HISTORY = 1
    CART = 2
    ISSUE = 3
    PREFERENCE = 4


class Agent(IntEnum):
    """Routing: which agent takes an arriving contact."""

    PREFERENCE = 0  # the pool with the best preference, then least in hand
    LEAST_LOADED = 1  # least in hand, then preference
    RANDOM = 2  # each who can take it has the same chance
    SPECIALIST_FIRST = 3  # the pool with the fewest skills, then least in hand


class Contact(IntEnum):
    """Routing: which waiting contact a freed agent takes."""

    PRIORITY = 0  # best priority, then longest wait
    LONGEST_WAIT = 1  # longest wait, then priority
    WEIGHTED_WAIT = 2  # greatest wait x weight, then longest wait
    AGEING = 3  # best priority, improved by 1 for each `ageing` waited


class Formula(IntEnum):
    """Service-level formulas; each is printed beside its number."""

    ANSWERED_IN_TIME_OVER_OFFERED = 0
    ANSWERED_IN_TIME_OVER_ANSWERED = 1
    EXCLUDING_SHORT_ABANDONS = 2
    ABANDONS_COUNT_AS_MET = 3


class LawCode(IntEnum):
    """Distributions; each is its mean times a variate of mean 1."""

    CONSTANT = 0
    EXPONENTIAL = 1
    LOGNORMAL = 2
    GAMMA = 3
    WEIBULL = 4
    UNIFORM = 5
    TRIANGULAR = 6
    EMPIRICAL = 7
    NEVER = 8
    MIXTURE = 9
    OWN = 10  # a person's own rule
    BY_CLOCK = 11  # another law by the time of day; `laws.law_at` says which
    SURVIVAL = 12  # a table of who is still there after how long


class Purpose(IntEnum):
    """The question a random number answers.  Luck is keyed by the question, never by the moment."""

    GAP = 1  # unit-rate gap before customer k of a source
    THIN = 2  # does a surge below one spare this customer
    BUSYNESS = 3  # the day's common factor
    SEGMENT = 4
    ENTER = 5
    PRECEDED = 6
    PRECEDED_GAP = 7
    CHOICE = 8  # Gumbel variate of one channel in one free choice
    HANDLING = 10
    WRAP = 11
    PATIENCE = 12
    RESOLVE = 13
    BROWSE = 14
    RETRY = 15
    RETRY_DELAY = 16
    RETRY_CHANNEL = 17
    SWITCH = 18  # markov: next channel, conversion or leaving
    MISSED = 19  # a missed deadline: go elsewhere, and where
    IDENTIFY = 20
    COHERENCE = 21
    FALSE_MATCH = 22
    STALE = 23
    CONSENT = 24
    AGENT = 26  # which of the free agents, where chance decides
    SURVIVE = 30  # + Fact: does the item outlive its half-life
    LINK = 40  # + Fact: does the item follow from one medium to another
    OWN = 50  # + Fact: does a medium remember its own touch
    # the shop
    REGION = 60
    DEVICE = 61
    PRODUCT = 62
    ITEMS = 63
    BASKET = 64
    PAD = 65
    ASK = 66
    ASK_CHANNEL = 67
    NEXT = 68  # cart, another channel, or nothing
    SWITCH_DELAY = 69
    BUY = 70
    REASON = 71
    CART_LOST = 72
    MESSAGE = 73
    MESSAGE_DELAY = 74
    MESSAGE_CHANNEL = 75
    BACK = 76
    BACK_DELAY = 77
    BACK_CHANNEL = 78
    PICKUP = 80
    LEAD = 81
    FAULT = 82
    RETURN = 83
    RETURN_DELAY = 84
    RETURN_WHERE = 85
    BUBBLE = 86
    EXTRA = 87
    EXTRA_SIZE = 88
    COLLECT_DELAY = 89
    ARISE = 90  # + Need: does the order raise it
    ASKED_AT = 98
    # bots and transfers
    BOT_TIME = 120
    BOT_SOLVES = 121
    BOT_CLOSES = 122
    TRANSFER = 123
    CALLBACK = 124
    # agents
    ABSENT = 140
    ABSENT_DAY = 141  # a day's common factor of absence
    LATE_START = 142
    EARLY_END = 143
    # stock, keyed by node and class of goods
    RESTOCK_LEAD = 150
    MISCOUNT = 151  # is a delivery booked wrongly
    MISCOUNT_SIZE = 152
    LINES = 155  # of an order
    LINE_PRODUCT = 156
    SUBSTITUTE = 157  # is another product as good
    # messages
    REACH = 160  # may he be written to
    UNSUBSCRIBE = 161
    REDEEM = 162  # does he use the coupon though he comes by himself
    UNAWARE = 163  # does the answer know of the campaign
    # the relationship
    EXISTING = 200  # was a customer before the run
    AGAIN_GAP = 201
    AGAIN_RATE = 202
    DROP_A = 203  # the share of his purchases after which he stops, as the quotient of two gamma variates
    DROP_B = 204
    STOP = 205
    DEFECT = 206
    DEFECT_LATE = 207
    TELL = 208
    TELL_DELAY = 209
    TOLD = 210  # who it is
    WARN = 211
    SUBSCRIBE = 212
    RENEW = 213
    # delivery and returns
    SEEN = 180  # goes to the store that has it
    SEEN_DELAY = 181
    RECALL = 182  # is a late order foreseen
    ALARM = 183  # is one in time said to be late
    CALMED = 184  # who was told does not ask any more
    ALARMED = 185  # who was told without reason does
    EXCHANGE = 186
    INSPECTED = 187
    UNFIT = 188
    DETERRED = 189  # by the postage of a return
    RETURN_EXTRA = 190
    RETURN_EXTRA_SIZE = 191
