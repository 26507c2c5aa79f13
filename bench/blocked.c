/* The measured work written by hand: ten functions, rules that hold for three bars, one target with its brakes.

   Straight loops over blocks of 256 bars, with the engine's algorithms: sums in pairs of doubles laid in blocks of the
   window, distances from an anchor, a sorted window without branches, truths 0, 1 (unknown) and 2. It knows the one set
   of functions below, needs bars without gaps and values that are all known, and looks back into its input instead of
   keeping windows of its own; in all of this it has it easier than the engine. */

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 256, WIDEST = 200, MOST_RULES = 256 };
enum { SET, INCREASE, FLOOR, REDUCE };

typedef uint8_t truth;
typedef struct { double high, low; } pair;
typedef struct { int64_t condition, action; double a, b, amount; } rule;

static inline double lesser(double a, double b) { return a < b ? a : b; }
static inline double greater(double a, double b) { return a > b ? a : b; }
static inline long least(long a, long b) { return a < b ? a : b; }

static inline pair two_sum(double a, double b) {
    double total = a + b, part = total - a;
    return (pair){total, (a - (total - part)) + (b - part)};
}

static inline double mean(pair sum, double k) {
    double quotient = sum.high / k, t = 134217729.0 * quotient, high = t - (t - quotient);
    return quotient + (((sum.high - high * k) - (quotient - high) * k) + sum.low) * (1.0 / k);
}

/* Averages: x points at the block's first bar, which is number `at` of all; what lies before is looked back at. ------ */

typedef struct { pair now; double high[WIDEST], low[WIDEST]; } sums;

static void lay_sums(sums *s, const double *x, long n) {
    pair sum = {0, 0};
    for (long slot = n - 1; slot >= 0; slot--) {
        pair next = two_sum(sum.high, x[slot]);
        sum = (pair){next.high, sum.low + next.low};
        s->high[slot] = sum.high, s->low[slot] = sum.low;
    }
    s->now = (pair){0, 0};
}

static void sma(sums *s, long n, const double *x, double *out, long at, long m) {
    double low[BLOCK];
    for (long j = 0; j < m;) {
        long slot = (at + j) % n, free = least(m - j, n - 1 - slot);
        if (free == 0) {
            lay_sums(s, x + j - slot, n);
            out[j++] = mean((pair){s->high[0], s->low[0]}, n);
            continue;
        }
        pair sum = s->now;
        for (long i = j; i < j + free; i++) {
            pair next = two_sum(sum.high, x[i]);
            sum = (pair){next.high, sum.low + next.low};
            out[i] = sum.high, low[i] = sum.low;
        }
        s->now = sum;
        const double *high_rest = s->high + slot + 1 - j, *low_rest = s->low + slot + 1 - j;
        for (long i = j; i < j + free; i++) {
            pair both = two_sum(high_rest[i], out[i]);
            both.low += low_rest[i] + low[i];
            out[i] = mean(both, n);
        }
        for (long i = j; i < j + free && at + i < n - 1; i++) out[i] = NAN;
        j += free;
    }
}

typedef struct { double value; pair seed; } average;

static inline double grown(pair seed, long n) { return mean(two_sum(seed.high, seed.low), n); }

static void sow(pair *seed, double x) {
    pair next = two_sum(seed->high, x);
    *seed = (pair){next.high, seed->low + next.low};
}

static void ema(average *s, long n, const double *x, double *out, long at, long m) {
    double value = s->value, weight = 2 / (n + 1.0);
    long j = 0;
    for (; j < m && at + j < n; j++) {
        sow(&s->seed, x[j]);
        value = out[j] = at + j == n - 1 ? grown(s->seed, n) : NAN;
    }
    for (; j < m; j++) out[j] = value = value + weight * (x[j] - value);
    s->value = value;
}

static inline double reach(double before, double high, double low) {
    return greater(greater(high - low, fabs(high - before)), fabs(low - before));
}

static void atr(average *s, long n, const double *high, const double *low, const double *close, double *out, long at,
                long m) {
    double value = s->value, weight = 1.0 / n;
    long j = 0;
    for (; j < m && at + j <= n; j++) {
        out[j] = NAN;
        if (at + j == 0) continue;
        sow(&s->seed, reach(close[j - 1], high[j], low[j]));
        if (at + j == n) value = out[j] = grown(s->seed, n);
    }
    for (; j < m; j++) out[j] = value = value + weight * (reach(close[j - 1], high[j], low[j]) - value);
    s->value = value;
}

typedef struct { double up, down; long still; pair seed_up, seed_down; } strength;

static void rsi(strength *s, long n, const double *x, double *out, long at, long m) {
    double up = s->up, down = s->down, weight = 1.0 / n;
    for (long j = 0; j < m; j++) {
        double change = at + j ? x[j] - x[j - 1] : 0, gain = greater(change, 0), loss = greater(-change, 0);
        if (at + j <= n) {
            out[j] = NAN;
            sow(&s->seed_up, gain), sow(&s->seed_down, loss);
            if (at + j < n) continue;
            up = grown(s->seed_up, n), down = grown(s->seed_down, n);
        } else if (change == 0) {
            s->still++;
        } else {
            double faded = s->still ? pow(1 - weight, s->still) : 1;
            up *= faded, down *= faded;
            up += weight * (gain - up), down += weight * (loss - down);
            if (up == 0 && down == 0) up = gain, down = loss;
            s->still = 0;
        }
        out[j] = up == 0 && down == 0 ? NAN : 100 * (up / (up + down));
    }
    s->up = up, s->down = down;
}

/* Windows ------------------------------------------------------------------------------------------------------------ */

typedef struct { double anchor; pair first, square; double firsts[WIDEST], squares[WIDEST]; } spreads;

static void lay_spreads(spreads *s, const double *x, long n) {
    pair first = {0, 0}, square = {0, 0};
    for (long slot = n - 1; slot >= 0; slot--) {
        double distance = x[slot] - x[n - 1];
        sow(&first, distance), sow(&square, distance * distance);
        s->firsts[slot] = first.high + first.low, s->squares[slot] = square.high + square.low;
    }
    s->anchor = x[n - 1];
    s->first = s->square = (pair){0, 0};
}

static inline double spread(double first, double square, double n) {
    return sqrt((square - first * (first / n)) / n);
}

static void stdev(spreads *s, long n, const double *x, double *out, long at, long m) {
    double firsts[BLOCK];
    for (long j = 0; j < m;) {
        long slot = (at + j) % n, free = least(m - j, n - 1 - slot);
        if (free == 0) {
            lay_spreads(s, x + j - slot, n);
            out[j++] = spread(s->firsts[0], s->squares[0], n);
            continue;
        }
        pair first = s->first, square = s->square;
        for (long i = j; i < j + free; i++) {
            double distance = x[i] - s->anchor;
            sow(&first, distance), sow(&square, distance * distance);
            firsts[i] = first.high + first.low, out[i] = square.high + square.low;
        }
        s->first = first, s->square = square;
        const double *first_rest = s->firsts + slot + 1 - j, *square_rest = s->squares + slot + 1 - j;
        for (long i = j; i < j + free; i++) out[i] = spread(first_rest[i] + firsts[i], square_rest[i] + out[i], n);
        for (long i = j; i < j + free && at + i < n - 1; i++) out[i] = NAN;
        j += free;
    }
}

typedef struct { double best, rest[WIDEST + 1]; } extremes;

static void highest(extremes *s, long n, const double *x, double *out, long at, long m) {
    for (long j = 0; j < m;) {
        long slot = (at + j) % n, free = least(m - j, n - slot);
        double best = slot ? s->best : -INFINITY;
        for (long i = j; i < j + free; i++) {
            best = greater(x[i], best);
            out[i] = at + i < n - 1 ? NAN : greater(s->rest[slot + 1 + i - j], best) + 0.0;
        }
        s->best = best, j += free;
        if (slot + free < n) continue;
        best = s->rest[n] = -INFINITY;
        for (long back = n - 1; back >= 0; back--) s->rest[back] = best = greater(x[j - n + back], best);
    }
}

static void change(long n, const double *x, double *out, long at, long m) {
    for (long j = 0; j < m; j++) out[j] = at + j < n ? NAN : x[j - n] > 0 ? x[j] / x[j - n] - 1 : NAN;
}

typedef double two __attribute__((vector_size(16), aligned(8)));
typedef int64_t both __attribute__((vector_size(16)));
#define EITHER(is, a, b) ((two)(((is) & (both)(a)) | (~(is) & (both)(b))))

/* What is not below `gone` moves down by one; each place then takes the greater of the one before and the lesser of its
   own and x. */
static inline void replace(double *a, long n, double gone, double x) {
    double before = -INFINITY;
    long i = 0;
    two held = {before, before}, out = {gone, gone}, y = {x, x}, here = *(const two *)a;
    for (; i + 4 <= n; i += 2) {
        two next = *(const two *)(a + i + 2), later = {here[1], next[0]};
        two left = EITHER(here >= out, later, here);
        two lower = {held[1], left[0]}, least = EITHER(left < y, left, y);
        *(two *)(a + i) = EITHER(lower > least, lower, least);
        held = left, here = next;
    }
    for (before = held[1]; i < n; i++) {
        double left = a[i] < gone ? a[i] : i + 1 < n ? a[i + 1] : INFINITY, least = lesser(left, x);
        a[i] = greater(before, least), before = left;
    }
}

static void insert(double *sorted, long known, double x) {
    for (; known && sorted[known - 1] > x; known--) sorted[known] = sorted[known - 1];
    sorted[known] = x;
}

static void median(double *sorted, long n, const double *x, double *out, long at, long m) {
    for (long j = 0; j < m; j++) {
        if (at + j < n) insert(sorted, at + j, x[j]);
        else replace(sorted, n, x[j - n], x[j]);
        out[j] = at + j < n - 1 ? NAN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}

static inline long count_twice(const double *d, long n, double x) {
    both sum = {0, 0}, more = {0, 0};
    two y = {x, x};
    long i = 0, count = 0;
    for (; i + 3 < n; i += 4) {
        two a = *(const two *)(d + i), b = *(const two *)(d + i + 2);
        sum += (a < y) + (a <= y), more += (b < y) + (b <= y);
    }
    for (; i < n; i++) count += (d[i] < x) + (d[i] <= x);
    sum += more;
    return count - (sum[0] + sum[1]);
}

static void rank(long n, const double *x, double *out, long at, long m) {
    for (long j = 0; j < m; j++)
        out[j] = at + j < n - 1 ? NAN : count_twice(x + j - n + 1, n - 1, x[j]) / (2.0 * (n - 1));
}

/* Rules -------------------------------------------------------------------------------------------------------------- */

/* A comparison as 1, 0 (unknown) or -1 is taken in doubles first, which compilers do side by side, then in bytes. */
#define COMPARED(is, is_not, taken) \
    double f[BLOCK]; \
    for (long j = 0; j < m; j++) f[j] = (is ? 1.0 : 0.0) - (is_not ? 1.0 : 0.0); \
    for (long j = 0; j < m; j++) { \
        truth p = 1 + (int)f[j]; \
        t[j] = taken; \
    }

static void above(const double *x, const double *y, truth *t, long m) { COMPARED(x[j] > y[j], x[j] <= y[j], p) }

static void and_above(const double *x, double y, truth *t, long m) {
    COMPARED(x[j] > y, x[j] <= y, t[j] < p ? t[j] : p)
}

static void and_below(const double *x, double y, truth *t, long m) {
    COMPARED(x[j] < y, x[j] >= y, t[j] < p ? t[j] : p)
}

static void near(const double *x, const double *y, double times, truth *t, long m) {
    COMPARED(x[j] >= y[j] * times, x[j] < y[j] * times, p)
}

typedef struct {
    double sma50[BLOCK], sma200[BLOCK], ema20[BLOCK], rsi14[BLOCK], atr14[BLOCK], stdev20[BLOCK], highest100[BLOCK];
    double median30[BLOCK], rank100[BLOCK], change42[BLOCK];
    truth over_sma[BLOCK], rising[BLOCK], ema_over[BLOCK], under_median[BLOCK];
} values;

static void condition(const rule *r, const values *v, const double *close, truth *t, long m) {
    switch (r->condition) {
    case 0: memcpy(t, v->over_sma, m); and_above(v->rsi14, r->a, t, m); break;
    case 1: memcpy(t, v->rising, m); and_below(v->change42, r->a, t, m); break;
    case 2: memcpy(t, v->ema_over, m); and_above(v->rank100, r->a, t, m); break;
    case 3: memcpy(t, v->under_median, m); and_above(v->stdev20, r->a, t, m); and_above(v->atr14, r->b, t, m); break;
    default: near(close, v->highest100, r->a, t, m); and_below(v->rsi14, r->b, t, m);
    }
}

/* `for 3 periods`, then active while true; `t` has the two truths before the block in front. */
static void hold(truth *t, truth before, truth *active, long m) {
    truth unknown = 0;
    for (long j = 0; j < m; j++) {
        truth p = t[j] < t[j + 1] ? t[j] : t[j + 1];
        active[j] = p < t[j + 2] ? p : t[j + 2];
        unknown |= active[j] & 1;
    }
    for (long j = 0; unknown && j < m; j++) before = active[j] = active[j] == 1 ? before : active[j];
    t[0] = t[m], t[1] = t[m + 1];
}

/* The target --------------------------------------------------------------------------------------------------------- */

typedef struct {
    double band, cooldown, tolerance, force, since, wait, desired;
    int started, settled, held, word;
} target;

static inline double bounded(double x) { return greater(lesser(x, 1), 0); }

static int braked(const target *s, double desired, double time) {
    double size = fabs(desired - s->force), tolerance = s->tolerance;
    int at_an_end = fabs(desired) <= tolerance || fabs(desired - 1) <= tolerance;
    if (size <= tolerance) return 0;
    if (size < s->band - tolerance && !at_an_end) return 1;
    return time - s->since < s->cooldown ? 2 : 0;
}

static void decide(target *s, const rule *rules, long count, const truth *active, long stride, double time) {
    int found[MOST_RULES], known = 0;
    double level = 0, floor = -INFINITY, before = s->force;
    s->word = -1;
    for (long r = 0; r < count; r++) found[known] = r, known += active[r * stride] >> 1;
    for (int k = 0; k < known; k++) {
        const rule *one = rules + found[k];
        if (one->action == FLOOR) {
            floor = greater(one->amount, floor);
            continue;
        }
        level = one->action == SET ? one->amount : one->action == INCREASE ? level + one->amount : level - one->amount;
        s->word = found[k];
    }
    double desired = s->desired = bounded(greater(floor, level));
    s->held = s->started ? braked(s, desired, time) : 0;
    double after = bounded(greater(floor, s->held ? before : desired));
    s->wait = s->held == 2 ? s->cooldown : NAN;
    s->started = 1;
    if (fabs(after - before) > s->tolerance) s->force = after, s->since = time;
    s->settled = s->force == before;
    if (fabs(desired - s->force) <= s->tolerance) s->held = 0;
}

/* All of it: `active` holds a column of `count` bars for each rule, one after another. ------------------------------- */

void blocked(long count, long rule_count, const rule *rules, double band, double cooldown, const double *time,
             const double *high, const double *low, const double *close, double *after, double *desired, double *word,
             truth *held, truth *active) {
    static _Thread_local truth t[MOST_RULES][BLOCK + 2];
    sums s50 = {0}, s200 = {0};
    average e20 = {0}, a14 = {0};
    strength r14 = {0};
    spreads d20 = {0};
    extremes h100 = {-INFINITY, {0}};
    double m30[30];
    target s = {band, cooldown, 1e-9, .since = NAN, .wait = NAN};
    values v;
    for (long r = 0; r < rule_count; r++) t[r][0] = t[r][1] = 1;
    for (long at = 0; at < count; at += BLOCK) {
        long m = least(BLOCK, count - at);
        const double *x = close + at;
        truth changed[BLOCK] = {0};
        sma(&s50, 50, x, v.sma50, at, m);
        sma(&s200, 200, x, v.sma200, at, m);
        ema(&e20, 20, x, v.ema20, at, m);
        rsi(&r14, 14, x, v.rsi14, at, m);
        atr(&a14, 14, high + at, low + at, x, v.atr14, at, m);
        stdev(&d20, 20, x, v.stdev20, at, m);
        highest(&h100, 100, x, v.highest100, at, m);
        median(m30, 30, x, v.median30, at, m);
        rank(100, x, v.rank100, at, m);
        change(42, x, v.change42, at, m);
        above(x, v.sma50, v.over_sma, m);
        above(v.sma50, v.sma200, v.rising, m);
        above(v.ema20, v.sma200, v.ema_over, m);
        above(v.median30, x, v.under_median, m);
        for (long r = 0; r < rule_count; r++) {
            truth *mine = active + r * count + at;
            condition(rules + r, &v, x, t[r] + 2, m);
            hold(t[r], at ? mine[-1] : 0, mine, m);
            for (long j = 1; j < m; j++) changed[j] |= mine[j] ^ mine[j - 1];
        }
        for (long j = 0; j < m; j++) {
            double now = time[at + j];
            int waiting = s.wait != s.wait || now - s.since < s.wait;
            if (j == 0 || changed[j] || !s.settled || !waiting) decide(&s, rules, rule_count, active + at + j, count, now);
            after[at + j] = s.force, desired[at + j] = s.desired, word[at + j] = s.word, held[at + j] = s.held;
        }
    }
}
