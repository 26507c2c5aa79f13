# What `vectors.py` says, in C: with vectors of four numbers where there is AVX2, of two with SSE2, and else one by one.

from libc.string cimport memmove
from rulelang.engine.arena cimport at, span

cdef extern from *:
    """
    #if defined(__AVX2__)
    #include <immintrin.h>
    #define RULELANG_WIDTH 4
    typedef __m256d rulelang_wide;
    typedef __m256i rulelang_many;
    #define WIDE(name) _mm256_##name##_pd
    #define MANY(name) _mm256_##name
    #define LESS(a, b) _mm256_cmp_pd(a, b, _CMP_LT_OQ)
    #define NOT_MORE(a, b) _mm256_cmp_pd(a, b, _CMP_LE_OQ)
    #define EITHER(is, a, b) _mm256_blendv_pd(b, a, is)
    #define LOAD_MANY(p) _mm256_loadu_si256((const __m256i *)(p))
    #define NO_BITS _mm256_setzero_si256()
    #define OR _mm256_or_si256
    #define AND _mm256_and_si256
    #define BITS _mm256_castpd_si256
    #define IN_HALF(a, b) _mm256_permute2f128_pd(a, b, 0x21)
    #define FROM_NEXT(here, next) _mm256_shuffle_pd(here, IN_HALF(here, next), 5)
    #define FROM_LAST(last, here) _mm256_shuffle_pd(IN_HALF(last, here), here, 5)
    #elif defined(__SSE2__) || defined(_M_X64)
    #include <emmintrin.h>
    #define RULELANG_WIDTH 2
    typedef __m128d rulelang_wide;
    typedef __m128i rulelang_many;
    #define WIDE(name) _mm_##name##_pd
    #define MANY(name) _mm_##name
    #define LESS(a, b) _mm_cmplt_pd(a, b)
    #define NOT_MORE(a, b) _mm_cmple_pd(a, b)
    #define EITHER(is, a, b) _mm_or_pd(_mm_and_pd(is, a), _mm_andnot_pd(is, b))
    #define LOAD_MANY(p) _mm_loadu_si128((const __m128i *)(p))
    #define NO_BITS _mm_setzero_si128()
    #define OR _mm_or_si128
    #define AND _mm_and_si128
    #define BITS _mm_castpd_si128
    #define FROM_NEXT(here, next) _mm_shuffle_pd(here, next, 1)
    #define FROM_LAST(last, here) _mm_shuffle_pd(last, here, 1)
    #endif

    static inline long long rulelang_known(const double *x, long long m) {
        long long k = 0;
        for (; k + 8 <= m; k += 8) {
            int gone = 0;
            for (int j = 0; j < 8; j++) gone |= x[k + j] != x[k + j];
            if (gone) break;
        }
        while (k < m && x[k] == x[k]) k++;
        return k;
    }
    static inline long long rulelang_between(const double *x, long long m, double least, double most) {
        long long k = 0;
    #ifdef RULELANG_WIDTH
        rulelang_wide sign = WIDE(set1)(-0.0), low = WIDE(set1)(least), high = WIDE(set1)(most), none = WIDE(set1)(0.0);
        for (; k + 2 * RULELANG_WIDTH <= m; k += 2 * RULELANG_WIDTH) {
            rulelang_wide a = WIDE(andnot)(sign, WIDE(loadu)(x + k));
            rulelang_wide b = WIDE(andnot)(sign, WIDE(loadu)(x + k + RULELANG_WIDTH));
            rulelang_wide all = WIDE(and)(NOT_MORE(a, high), NOT_MORE(b, high));
            if (least > 0) {
                all = WIDE(and)(all, WIDE(or)(NOT_MORE(low, a), NOT_MORE(a, none)));
                all = WIDE(and)(all, WIDE(or)(NOT_MORE(low, b), NOT_MORE(b, none)));
            }
            if (WIDE(movemask)(all) != (1 << RULELANG_WIDTH) - 1) break;
        }
    #endif
        while (k < m && (x[k] == 0 || (least <= fabs(x[k]) && fabs(x[k]) <= most))) k++;
        return k;
    }
    static inline long long rulelang_below(const double *d, long long n, double x) {
        long long i = 0, count = 0;
        for (; i < n; i++) count += d[i] < x;
        return count;
    }
    static inline long long rulelang_twice(const double *d, long long n, double x) {
        long long i = 0, count = 0;
    #ifdef RULELANG_WIDTH
        rulelang_wide y = WIDE(set1)(x);
        rulelang_many below = NO_BITS, not_above = NO_BITS;
        long long both[RULELANG_WIDTH];
        for (; i + RULELANG_WIDTH <= n; i += RULELANG_WIDTH) {
            rulelang_wide a = WIDE(loadu)(d + i);
            below = MANY(sub_epi64)(below, BITS(LESS(a, y)));
            not_above = MANY(sub_epi64)(not_above, BITS(NOT_MORE(a, y)));
        }
        below = MANY(add_epi64)(below, not_above);
        WIDE(storeu)((double *)both, *(rulelang_wide *)&below);
        for (int j = 0; j < RULELANG_WIDTH; j++) count += both[j];
    #endif
        for (; i < n; i++) count += (d[i] < x) + (d[i] <= x);
        return count;
    }
    static inline void rulelang_replace(double *a, long long n, double gone, double x) {
        long long i = 0;
        double before = -INFINITY;
    #ifdef RULELANG_WIDTH
        if (n >= 2 * RULELANG_WIDTH) {
            rulelang_wide held = WIDE(set1)(before), out = WIDE(set1)(gone), y = WIDE(set1)(x), here = WIDE(loadu)(a);
            double last[RULELANG_WIDTH];
            for (; i + 2 * RULELANG_WIDTH <= n; i += RULELANG_WIDTH) {
                rulelang_wide next = WIDE(loadu)(a + i + RULELANG_WIDTH);
                rulelang_wide left = EITHER(LESS(here, out), here, FROM_NEXT(here, next));
                WIDE(storeu)(a + i, WIDE(max)(FROM_LAST(held, left), WIDE(min)(left, y)));
                held = left;
                here = next;
            }
            WIDE(storeu)(last, held);
            before = last[RULELANG_WIDTH - 1];
        }
    #endif
        for (; i < n; i++) {
            double left = a[i] >= gone ? i + 1 < n ? a[i + 1] : INFINITY : a[i], least = left < x ? left : x;
            a[i] = before > least ? before : least;
            before = left;
        }
    }

    /* Medians of a full window of up to 64: its order is kept here meanwhile, with room for vectors after its end. */
    static void rulelang_median_each(
        double *order, double *raw, long long n, long long slot, const double *x, long long m, double *out
    ) {
        double a[72];
        long long k, i;
        for (k = 0; k < n; k++) a[k] = order[k];
        for (; k < 72; k++) a[k] = INFINITY;
        for (k = 0; k < m; k++) {
            double now = x[k] + 0.0, gone = raw[slot], middle;
            raw[slot] = now;
            slot = slot + 1 < n ? slot + 1 : 0;
    #ifdef RULELANG_WIDTH
            rulelang_wide held = WIDE(set1)(-INFINITY), go = WIDE(set1)(gone), y = WIDE(set1)(now), here = WIDE(loadu)(a);
            for (i = 0; i < n; i += RULELANG_WIDTH) {
                rulelang_wide next = WIDE(loadu)(a + i + RULELANG_WIDTH);
                rulelang_wide left = EITHER(LESS(here, go), here, FROM_NEXT(here, next));
                WIDE(storeu)(a + i, WIDE(max)(FROM_LAST(held, left), WIDE(min)(left, y)));
                held = left;
                here = next;
            }
    #else
            i = n;
            rulelang_replace(a, n, gone, now);
    #endif
            middle = (a[(n - 1) / 2] + a[n / 2]) / 2;
            out[k] = middle - middle == 0 ? middle : a[(n - 1) / 2] / 2 + a[n / 2] / 2;
        }
        for (k = 0; k < n; k++) order[k] = a[k];
    }

    /* Numbers as short codes whose order is theirs: where codes differ, that is enough. Says whether there are any. */
    #define RULELANG_RANKED 512
    #define RULELANG_LANES (4 * RULELANG_WIDTH)
    static inline int rulelang_codes(const double *x, long long n, short *code) {
        double low = x[0], high = x[0], low_too = x[0], high_too = x[0], scale;
        long long i;
        for (i = 1; i + 1 < n; i += 2) {
            low = x[i] < low ? x[i] : low;
            high = x[i] > high ? x[i] : high;
            low_too = x[i + 1] < low_too ? x[i + 1] : low_too;
            high_too = x[i + 1] > high_too ? x[i + 1] : high_too;
        }
        low = low_too < low ? low_too : low;
        high = high_too > high ? high_too : high;
        low = x[n - 1] < low ? x[n - 1] : low;
        high = x[n - 1] > high ? x[n - 1] : high;
        if (!(high - low > 1e-280 && high - low < 1e280)) return 0;
        scale = 65534.0 / (high - low);
        for (i = 0; i < n; i++) code[i] = (short)((int)((x[i] - low) * scale) - 32767);
        return 1;
    }
    static inline void rulelang_rank_all(const double *x, long long others, double *out, long long m) {
        long long t = 0;
    #ifdef RULELANG_WIDTH
        short code[RULELANG_RANKED + 32], rest[RULELANG_LANES];
        if (m >= 8 && rulelang_codes(x, others + m, code)) {
            for (int j = 0; j < RULELANG_LANES; j++) rest[j] = -(j < others % RULELANG_LANES);
            rulelang_many tail = LOAD_MANY(rest), one = MANY(set1_epi16)(1);
            for (; t < m; t++) {
                rulelang_many y = MANY(set1_epi16)(code[t + others]), above = NO_BITS, same = NO_BITS, c;
                const short *p = code + t, *end = p + others - others % RULELANG_LANES;
                for (; p < end; p += RULELANG_LANES) {
                    c = LOAD_MANY(p);
                    above = MANY(sub_epi16)(above, MANY(cmpgt_epi16)(y, c));
                    same = OR(same, MANY(cmpeq_epi16)(y, c));
                }
                c = LOAD_MANY(p);
                above = MANY(sub_epi16)(above, AND(tail, MANY(cmpgt_epi16)(y, c)));
                same = OR(same, AND(tail, MANY(cmpeq_epi16)(y, c)));
                if (MANY(movemask_epi8)(same)) {
                    out[t] = (double)rulelang_twice(x + t, others, x[t + others]);
                } else {
                    int sums[RULELANG_LANES / 2], sum = 0;
                    above = MANY(madd_epi16)(above, one);
                    WIDE(storeu)((double *)sums, *(rulelang_wide *)&above);
                    for (int j = 0; j < RULELANG_LANES / 2; j++) sum += sums[j];
                    out[t] = 2.0 * sum;
                }
            }
        }
    #endif
        for (; t < m; t++) out[t] = (double)rulelang_twice(x + t, others, x[t + others]);
    }
    static void rulelang_rank_each(double *raw, long long n, long long slot, const double *x, long long m, double *out) {
        double all[RULELANG_RANKED];
        long long others = n - 1, k = 0, from = slot, most = m < n ? m : n;
        for (; k < others; k++) {
            from = from + 1 < n ? from + 1 : 0;
            all[k] = raw[from];
        }
        for (k = 0; k < m; k++) all[others + k] = x[k] + 0.0;
        rulelang_rank_all(all, others, out, m);
        for (k = m - most; k < m; k++) raw[(slot + k) % n] = all[others + k];
    }

    static inline void rulelang_sum(
        double *sums, const double *x, long long m, long long step, double *highs, double *lows, long long by
    ) {
        double high = sums[0], low = sums[1];
        for (long long k = 0; k != m; k++, x += step, highs += by, lows += by) {
            double total = high + *x, part = total - high;
            low += (high - (total - part)) + (*x - part);
            high = total;
            *highs = high;
            *lows = low;
        }
        sums[0] = high;
        sums[1] = low;
    }
    static inline void rulelang_sum_both(
        double *sums, double *raw, long long n, const double *x, long long m, double *highs, double *lows
    ) {
        double back[2] = {0, 0};
        long long k = 0;
    #ifdef RULELANG_WIDTH
        __m128d total = _mm_set_pd(sums[0], 0), lost = _mm_set_pd(sums[1], 0);
        double *here = raw + n - 1;
        for (; k < m; k++, here--) {
            __m128d both = _mm_set_pd(x[k], *here), now = _mm_add_pd(total, both), part = _mm_sub_pd(now, total);
            lost = _mm_add_pd(lost, _mm_add_pd(_mm_sub_pd(total, _mm_sub_pd(now, part)), _mm_sub_pd(both, part)));
            total = now;
            _mm_storel_pd(here + n, total);
            _mm_storel_pd(here + 2 * n, lost);
            _mm_storeh_pd(highs + k, total);
            _mm_storeh_pd(lows + k, lost);
        }
        _mm_storel_pd(back, total);
        _mm_storel_pd(back + 1, lost);
        _mm_storeh_pd(sums, total);
        _mm_storeh_pd(sums + 1, lost);
    #else
        rulelang_sum(sums, x, m, 1, highs, lows, 1);
    #endif
        rulelang_sum(back, raw + n - 1 - k, n - k, -1, raw + 2 * n - 1 - k, raw + 3 * n - 1 - k, -1);
    }

    /* Both sums side by side. */
    static inline void rulelang_distances(
        double *sums, double anchor, const double *x, long long m, long long step, double *firsts, double *squares
    ) {
        long long k = 0, end = m * step;
    #ifdef RULELANG_WIDTH
        __m128d total = _mm_set_pd(sums[2], sums[0]), lost = _mm_set_pd(sums[3], sums[1]);
        for (; k != end; k += step) {
            double distance = x[k] - anchor;
            __m128d both = _mm_set_pd(distance * distance, distance), now = _mm_add_pd(total, both);
            __m128d part = _mm_sub_pd(now, total), more = _mm_sub_pd(total, _mm_sub_pd(now, part));
            lost = _mm_add_pd(lost, _mm_add_pd(more, _mm_sub_pd(both, part)));
            total = now;
            part = _mm_add_pd(total, lost);
            _mm_storel_pd(firsts + k, part);
            _mm_storeh_pd(squares + k, part);
        }
        _mm_storel_pd(sums, total);
        _mm_storeh_pd(sums + 2, total);
        _mm_storel_pd(sums + 1, lost);
        _mm_storeh_pd(sums + 3, lost);
    #endif
        for (; k != end; k += step) {
            double one = x[k] - anchor, two = one * one, first = sums[0] + one, square = sums[2] + two;
            double part = first - sums[0], part_too = square - sums[2];
            sums[1] += (sums[0] - (first - part)) + (one - part);
            sums[3] += (sums[2] - (square - part_too)) + (two - part_too);
            sums[0] = first;
            sums[2] = square;
            firsts[k] = first + sums[1];
            squares[k] = square + sums[3];
        }
    }
    """
    long long rulelang_known(const double *x, long long m) noexcept nogil
    long long rulelang_between(const double *x, long long m, double least, double most) noexcept nogil
    long long rulelang_below(const double *d, long long n, double x) noexcept nogil
    long long rulelang_twice(const double *d, long long n, double x) noexcept nogil
    void rulelang_replace(double *a, long long n, double gone, double x) noexcept nogil
    void rulelang_median_each(double *order, double *raw, long long n, long long slot, const double *x, long long m, double *out) noexcept nogil
    void rulelang_rank_each(double *raw, long long n, long long slot, const double *x, long long m, double *out) noexcept nogil
    void rulelang_sum(double *sums, const double *x, long long m, long long step, double *highs, double *lows, long long by) noexcept nogil
    void rulelang_sum_both(double *sums, double *raw, long long n, const double *x, long long m, double *highs, double *lows) noexcept nogil
    void rulelang_distances(double *sums, double anchor, const double *x, long long m, long long step, double *firsts, double *squares) noexcept nogil


cdef inline long long run_of_known(double *x, long long lo, long long m) noexcept nogil:
    return rulelang_known(x + lo, m)


cdef inline long long run_of_plain(double *x, long long lo, long long m, double least, double most) noexcept nogil:
    return rulelang_between(x + lo, m, least, most)


cdef inline long long count_below(double *d, long long first, long long n, double x) noexcept nogil:
    return rulelang_below(d + span(first, n), n, x)


cdef inline long long count_twice(double *d, long long first, long long n, double x) noexcept nogil:
    return rulelang_twice(d + span(first, n), n, x)


cdef inline void replace(double *d, long long first, long long n, double gone, double x) noexcept nogil:
    rulelang_replace(d + span(first, n), n, gone, x)


cdef inline void median_each(double *d, long long order, long long raw, long long n, long long slot, double *x, long long lo, long long m, double *out) noexcept nogil:
    rulelang_median_each(d + span(order, n), d + span(raw, n), n, at(raw + slot) - raw, x + lo, m, out + lo)


cdef inline void rank_each(double *d, long long raw, long long n, long long slot, double *x, long long lo, long long m, double *out) noexcept nogil:
    rulelang_rank_each(d + span(raw, n), n, at(raw + slot) - raw, x + lo, m, out + lo)


cdef inline void sum_on(double *d, long long sums, double *x, long long lo, long long m, double *out, double *lows) noexcept nogil:
    rulelang_sum(d + span(sums, 2), x + lo, m, 1, out + lo, lows, 1)


cdef inline void sum_both_ways(double *d, long long sums, long long raw, long long n, double *x, long long lo, long long m, double *out, double *lows) noexcept nogil:
    rulelang_sum_both(d + span(sums, 2), d + span(raw, 3 * n), n, x + lo, m, out + lo, lows)


cdef inline void add_distances(double *d, long long sums, double anchor, double *x, long long lo, long long m, long long step, double *firsts, long long to, double *squares, long long into) noexcept nogil:
    rulelang_distances(d + span(sums, 4), anchor, x + lo, m, step, firsts + to, squares + into)


cdef inline void move(double *d, long long to, long long first, long long n) noexcept nogil:
    if n > 0:
        memmove(d + span(to, n), d + span(first, n), n * sizeof(double))
