/* M/M/n+M told by hand in C, with the design of the compiled engine and nothing that this one model does not need.

   The same keyed draws (Threefry2x64-13, log1p), heaps of 16-byte events, patience in a heap of its own whose places the
   contacts know, slots with a free list, one linked waiting line, the idle in a linked list, and rows of the same sizes
   written in the same number: so what is left between the two is what generality and the compiler cost.
   Same seed, same customers: the counts must be those of the engine. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t u64;
typedef struct { double when; int64_t what; } Event;
/* Rows have the sizes of omnisim.records, which are given when this is compiled; what this model does not say is room. */
typedef union { /* records.TOUCH */
    struct {
        int64_t customer; int32_t source; int64_t k; int32_t serial, visit; int16_t stream, segment, channel, pool; int32_t agent;
        int8_t goal, mode, outcome, delayed, resolved, answered_before, remembers, switched, contradicted, identified, wrong_record,
            missed, aside;
        double since, arrived, started, ended, wrap_s, completeness;
    };
    char bytes[TOUCH_BYTES];
} Touch;
typedef union { /* records.JOURNEY */
    struct {
        int64_t customer; int32_t source; int64_t k; int16_t stream, segment; int8_t goal, end, first_resolved;
        int16_t first_channel, last_channel; int32_t touches, contacts, answered, failures, repeats, contradictions, missed, media;
        double arrived, ended, idle_since;
    };
    char bytes[JOURNEY_BYTES];
} Journey;
typedef struct { int32_t agent; int16_t pool; int8_t duty; int32_t load; double start, end; } Stint; /* records.STINT */
_Static_assert(sizeof(Touch) == TOUCH_BYTES && sizeof(Journey) == JOURNEY_BYTES && sizeof(Stint) == STINT_BYTES, "sizes of rows");
typedef struct { u64 key0, key1; Touch touch; int32_t agent, next, before, timer; } Slot;
typedef struct { double since, mark; int32_t load, next, before; } Agent;
typedef struct { int64_t events, customers, served, abandoned, touches, journeys, stints; } Counts;

enum { SERVICE_END = 1, PATIENCE_END = 3, ARRIVAL = 7 };      /* words.Kind */
enum { GAP = 1, HANDLING = 10, PATIENCE = 12 };               /* words.Purpose */
enum { HANDLED = 1, ABANDONED = 2, RESOLVED = 1, LOST = 2 };  /* words.Outcome, words.End */
enum { ROWS = 4096 };
#define ROW (((int64_t)1 << 56) - 1)

static inline u64 turn(u64 x, int bits) { return (x << bits) | (x >> (64 - bits)); }

static inline void threefry(u64 k0, u64 k1, u64 c0, u64 c1, u64 *one, u64 *two)
{
    static const int turns[8] = {16, 42, 12, 31, 16, 32, 24, 21};
    u64 key[3] = {k0, k1, 0x1BD11BDAA9FC1A22ULL ^ k0 ^ k1};
    u64 x = c0 + k0, y = c1 + k1;
    for (int r = 0; r < 13; r++) {
        x += y;
        y = turn(y, turns[r % 8]) ^ x;
        if (r % 4 == 3) {
            int n = r / 4 + 1;
            x += key[n % 3];
            y += key[(n + 1) % 3] + (u64)n;
        }
    }
    *one = x;
    *two = y;
}

static inline double draw(u64 k0, u64 k1, u64 purpose, u64 name)
{
    u64 x, y;
    threefry(k0, k1, name, purpose << 48, &x, &y);
    return ((double)(x >> 11) + 0.5) * 0x1p-53;
}

typedef struct {
    Slot *slots; int64_t room; int32_t free;
    Event *heap; int64_t in_heap;
    Event *timers; int64_t in_timers;
    Agent *agents; int32_t idle_first, idle_last;
    int32_t line_first, line_last;
    Touch *touches; Journey *journeys; Stint *stints; int64_t n_touches, n_journeys, n_stints;
    double now, handling, patience; u64 channel;
    Counts count;
} World;

/* The rows go where the sink would take them: nowhere, but the compiler must not know. */
static __attribute__((noinline)) void drain(World *w)
{
    w->count.touches += w->n_touches;
    w->count.journeys += w->n_journeys;
    w->count.stints += w->n_stints;
    w->n_touches = w->n_journeys = w->n_stints = 0;
    __asm__ volatile("" : : "r"(w->touches), "r"(w->journeys), "r"(w->stints) : "memory");
}

static inline int earlier(const World *w, int64_t a, int64_t b)
{
    if (a >> 56 != b >> 56) return a >> 56 < b >> 56;
    return w->slots[a & ROW].touch.customer < w->slots[b & ROW].touch.customer;
}

static inline int before(const World *w, double a, int64_t what, Event b) { return a < b.when || (a == b.when && earlier(w, what, b.what)); }

static inline void push(World *w, double when, int64_t what)
{
    Event *heap = w->heap;
    int64_t i = w->in_heap++;
    while (i > 0) {
        int64_t up = (i - 1) >> 1;
        if (!before(w, when, what, heap[up])) break;
        heap[i] = heap[up];
        i = up;
    }
    heap[i] = (Event){when, what};
}

static inline void pop(World *w)
{
    Event *heap = w->heap;
    int64_t n = --w->in_heap, i = 0, j = 1;
    Event last = heap[n];
    while (j < n) {
        if (j + 1 < n && before(w, heap[j + 1].when, heap[j + 1].what, heap[j])) j++;
        if (before(w, last.when, last.what, heap[j])) break;
        heap[i] = heap[j];
        i = j;
        j = 2 * i + 1;
    }
    heap[i] = last;
}

static inline void place(World *w, int64_t i, Event e)
{
    w->timers[i] = e;
    w->slots[e.what & ROW].timer = (int32_t)i;
}

static inline void rise(World *w, int64_t i, Event e)
{
    while (i > 0) {
        int64_t up = (i - 1) >> 1;
        if (!before(w, e.when, e.what, w->timers[up])) break;
        place(w, i, w->timers[up]);
        i = up;
    }
    place(w, i, e);
}

static inline void call_off(World *w, int64_t i)
{
    Event *timers = w->timers;
    w->slots[timers[i].what & ROW].timer = -1;
    int64_t n = --w->in_timers, j = 2 * i + 1;
    if (i == n) return;
    Event last = timers[n];
    while (j < n) {
        if (j + 1 < n && before(w, timers[j + 1].when, timers[j + 1].what, timers[j])) j++;
        if (before(w, last.when, last.what, timers[j])) break;
        place(w, i, timers[j]);
        i = j;
        j = 2 * i + 1;
    }
    rise(w, i, last);
}

static inline void note(World *w, int32_t a)
{
    Agent *agent = &w->agents[a];
    if (w->now > agent->mark) w->stints[w->n_stints++] = (Stint){a, 0, 1, agent->load, agent->mark, w->now};
    agent->mark = w->now;
}

static inline void enlist(World *w, int32_t a)
{
    Agent *agents = w->agents;
    int32_t after = w->idle_last;
    agents[a].since = w->now;
    while (after >= 0 && agents[after].since == w->now && after > a) after = agents[after].before;
    int32_t then = after < 0 ? w->idle_first : agents[after].next;
    agents[a].before = after;
    agents[a].next = then;
    if (after < 0) w->idle_first = a; else agents[after].next = a;
    if (then < 0) w->idle_last = a; else agents[then].before = a;
}

static inline void take(World *w, int32_t a, int32_t j)
{
    note(w, a);
    int32_t then = w->agents[a].next, prior = w->agents[a].before;
    if (prior < 0) w->idle_first = then; else w->agents[prior].next = then;
    if (then < 0) w->idle_last = prior; else w->agents[then].before = prior;
    w->agents[a].load = 1;
    w->slots[j].agent = a;
}

static inline void leave(World *w, int32_t j)
{
    Slot *s = &w->slots[j];
    if (s->before < 0) w->line_first = s->next; else w->slots[s->before].next = s->next;
    if (s->next < 0) w->line_last = s->before; else w->slots[s->next].before = s->before;
}

static inline void serve(World *w, int32_t j)
{
    Slot *s = &w->slots[j];
    s->touch.started = w->now;
    s->touch.agent = s->agent;
    s->touch.pool = 0;
    s->touch.completeness = 1.0;
    double talk = -w->handling * log1p(-draw(s->key0, s->key1, HANDLING, w->channel));
    push(w, w->now + talk, ((int64_t)SERVICE_END << 56) | j);
}

static inline void close_journey(World *w, int32_t j, int end)
{
    const Touch *t = &w->slots[j].touch;
    w->journeys[w->n_journeys++] = (Journey){{
        t->customer, t->source, t->k, 0, 0, t->goal, (int8_t)end, end == RESOLVED, 0, 0, 1, 1, end == RESOLVED, end == LOST, 0, 0, 0, 1,
        t->arrived, end ? w->now : NAN, NAN}};
}

/* The touch becomes a row, and as nobody comes back so does the journey. */
static inline void ends(World *w, int32_t j, int outcome)
{
    Touch *t = &w->slots[j].touch;
    t->outcome = (int8_t)outcome;
    t->ended = w->now;
    t->resolved = outcome == HANDLED;
    w->touches[w->n_touches++] = *t;
    if (outcome == HANDLED) w->count.served++; else w->count.abandoned++;
}

static inline void free_slot(World *w, int32_t j)
{
    w->slots[j].next = w->free;
    w->free = j;
}

static int more_room(World *w)
{
    int64_t old = w->room, room = old ? 2 * old : 256;
    Slot *slots = realloc(w->slots, (size_t)room * sizeof *slots);
    if (slots) w->slots = slots;
    Event *heap = realloc(w->heap, (size_t)room * sizeof *heap);
    if (heap) w->heap = heap;
    Event *timers = realloc(w->timers, (size_t)room * sizeof *timers);
    if (timers) w->timers = timers;
    if (!slots || !heap || !timers) return 0;
    for (int64_t j = room - 1; j >= old; j--) {
        w->slots[j].touch.customer = -1;
        free_slot(w, (int32_t)j);
    }
    w->room = room;
    return 1;
}

static void arrive(World *w, u64 key0, u64 key1, int64_t k)
{
    int32_t j = w->free;
    Slot *s = &w->slots[j];
    w->free = s->next;
    s->key0 = key0;
    s->key1 = key1;
    s->agent = s->timer = -1;
    s->touch = (Touch){{w->count.customers++, 0, k, 0, 0, 0, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, w->now, w->now, NAN, NAN, 0.0, NAN}};
    if (w->idle_first >= 0) {
        take(w, w->idle_first, j);
        serve(w, j);
        return;
    }
    s->touch.delayed = 1;
    s->next = -1;
    s->before = w->line_last;
    if (w->line_last < 0) w->line_first = j; else w->slots[w->line_last].next = j;
    w->line_last = j;
    double wait = -w->patience * log1p(-draw(key0, key1, PATIENCE, w->channel));
    rise(w, w->in_timers++, (Event){w->now + wait, ((int64_t)PATIENCE_END << 56) | j});
}

static void service_ends(World *w, int32_t j)
{
    int32_t a = w->slots[j].agent;
    ends(w, j, HANDLED);
    note(w, a);
    w->agents[a].load = 0;
    enlist(w, a);
    int32_t next = w->line_first;
    if (next >= 0) {
        take(w, a, next);
        leave(w, next);
        call_off(w, w->slots[next].timer);
    }
    close_journey(w, j, RESOLVED);
    w->slots[j].touch.customer = -1;
    free_slot(w, j);
    if (next >= 0) serve(w, next);
}

/* `piece`: start, end and rate of each stretch of constant rate.  Returns 0 when memory is short. */
int mm100(u64 seed, u64 source, u64 channel, double horizon, int64_t pieces, const double *piece, int64_t agents, double handling,
          double patience, Counts *counts)
{
    World w;
    memset(&w, 0, sizeof w);
    w.free = w.idle_first = w.idle_last = w.line_first = w.line_last = -1;
    w.handling = handling;
    w.patience = patience;
    w.channel = channel;
    w.agents = calloc((size_t)agents, sizeof *w.agents);
    w.touches = calloc(ROWS, sizeof *w.touches);
    w.journeys = calloc(ROWS, sizeof *w.journeys);
    w.stints = calloc((size_t)(ROWS + agents), sizeof *w.stints);
    int ok = w.agents && w.touches && w.journeys && w.stints && more_room(&w);
    for (int32_t a = 0; ok && a < agents; a++) enlist(&w, a);

    double target = 0.0, area = 0.0, next = -1.0;
    u64 key0 = 0, key1 = 0, coming0 = 0, coming1 = 0;
    int64_t k = 0, p = 0;
    for (int first = 1; ok; first = 0) {
        double when = INFINITY;
        int kind = ARRIVAL + 1;
        if (w.in_heap > 0) {
            when = w.heap[0].when;
            kind = SERVICE_END;
        }
        if (w.in_timers > 0 && w.timers[0].when < when) {
            when = w.timers[0].when;
            kind = PATIENCE_END;
        }
        if (first || next < when) {
            when = next;
            kind = ARRIVAL;
        }
        if (when >= horizon) break;
        if (w.n_touches + 4 > ROWS || w.n_journeys + 4 > ROWS || w.n_stints + 4 > ROWS) drain(&w);
        if (kind == ARRIVAL) {
            /* the next customer's moment and key; the one whose moment it is comes */
            coming0 = key0;
            coming1 = key1;
            threefry(seed, source, (u64)k, 0, &key0, &key1);
            target += -log1p(-draw(key0, key1, GAP, 0));
            for (; p < pieces; p++) {
                double here = piece[3 * p + 2] * (piece[3 * p + 1] - piece[3 * p]);
                if (area + here > target) break;
                area += here;
            }
            next = INFINITY;
            if (p < pieces) {
                next = piece[3 * p] + (target - area) / piece[3 * p + 2];
                if (next > piece[3 * p + 1]) next = piece[3 * p + 1];
            }
            k++;
            if (first) continue;
            w.count.events++;
            w.now = when;
            if (w.free < 0 && !(ok = more_room(&w))) break;
            arrive(&w, coming0, coming1, k - 2);
            continue;
        }
        w.count.events++;
        w.now = when;
        if (kind == SERVICE_END) {
            int32_t j = (int32_t)(w.heap[0].what & ROW);
            pop(&w);
            service_ends(&w, j);
        } else {
            int32_t j = (int32_t)(w.timers[0].what & ROW);
            call_off(&w, 0);
            leave(&w, j);
            ends(&w, j, ABANDONED);
            close_journey(&w, j, LOST);
            w.slots[j].touch.customer = -1;
            free_slot(&w, j);
        }
    }
    if (ok) { /* the run is over: the last stints, and those still present */
        drain(&w);
        w.now = horizon;
        for (int32_t a = 0; a < agents; a++) note(&w, a);
        drain(&w);
        for (int64_t j = 0; j < w.room; j++) {
            if (w.slots[j].touch.customer < 0) continue;
            if (w.n_touches == ROWS) drain(&w);
            w.touches[w.n_touches++] = w.slots[j].touch;
            close_journey(&w, (int32_t)j, 0);
        }
        drain(&w);
        *counts = w.count;
    }
    free(w.slots);
    free(w.heap);
    free(w.timers);
    free(w.agents);
    free(w.touches);
    free(w.journeys);
    free(w.stints);
    return ok;
}
