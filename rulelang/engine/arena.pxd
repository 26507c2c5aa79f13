# What `arena.py` says, in C, for the modules that are compiled: each has its own copy, and its own arena's length.

from libc.string cimport memmove

cdef extern from *:
    """
    #ifdef RULELANG_CHECKED
    #include <stdio.h>
    #include <stdlib.h>
    static long long rulelang_words = 0;
    #define rulelang_bound(n) (rulelang_words = (n))
    static long long rulelang_at(long long word) {
        if (word < 0 || word >= rulelang_words) {
            fprintf(stderr, "rulelang: word %lld of an arena of %lld\\n", word, rulelang_words);
            abort();
        }
        return word;
    }
    #else
    #define rulelang_bound(n) ((void)(n))
    #define rulelang_at(word) (word)
    #endif

    #include <math.h>
    #ifdef __GNUC__
    typedef double rulelang_two __attribute__((vector_size(16), aligned(8)));
    typedef long long rulelang_both __attribute__((vector_size(16)));
    #define RULELANG_EITHER(is, a, b) ((rulelang_two)(((is) & (rulelang_both)(a)) | (~(is) & (rulelang_both)(b))))
    #define RULELANG_PAIRS(...) \\
        rulelang_both sum = {0, 0}, more = {0, 0}; \\
        rulelang_two y = {x, x}; \\
        for (; i + 3 < n; i += 4) { \\
            rulelang_two a = *(const rulelang_two *)(d + i), b = *(const rulelang_two *)(d + i + 2); \\
            __VA_ARGS__ \\
        } \\
        sum += more; \\
        count = -(sum[0] + sum[1]);
    #else
    #define RULELANG_PAIRS(...)
    #endif
    /* What is not below `gone` moves down by one; each place then takes the greater of the one before and the lesser of
       its own and x. No search, no branch to guess. */
    static inline void rulelang_replace(double *a, long long n, double gone, double x) {
        long long i = 0;
        double before = -INFINITY;
    #ifdef __GNUC__
        rulelang_two held = {before, before}, out = {gone, gone}, y = {x, x};
        if (n >= 4) {
            rulelang_two here = *(const rulelang_two *)a;
            for (; i + 4 <= n; i += 2) {
                rulelang_two next = *(const rulelang_two *)(a + i + 2), later = {here[1], next[0]};
                rulelang_two left = RULELANG_EITHER(here >= out, later, here);
                rulelang_two lower = {held[1], left[0]}, least = RULELANG_EITHER(left < y, left, y);
                *(rulelang_two *)(a + i) = RULELANG_EITHER(lower > least, lower, least);
                held = left;
                here = next;
            }
            before = held[1];
        }
    #endif
        for (; i < n; i++) {
            double left = a[i] < gone ? a[i] : i + 1 < n ? a[i + 1] : INFINITY, least = left < x ? left : x;
            a[i] = before > least ? before : least;
            before = left;
        }
    }
    static inline long long rulelang_below(const double *d, long long n, double x) {
        long long i = 0, count = 0;
        RULELANG_PAIRS(sum += a < y; more += b < y;)
        for (; i < n; i++) count += d[i] < x;
        return count;
    }
    static inline long long rulelang_below_and_not_above(const double *d, long long n, double x) {
        long long i = 0, count = 0;
        RULELANG_PAIRS(sum += (a < y) + (a <= y); more += (b < y) + (b <= y);)
        for (; i < n; i++) count += (d[i] < x) + (d[i] <= x);
        return count;
    }
    """
    long long at "rulelang_at"(long long word) noexcept nogil
    void bound "rulelang_bound"(long long words) noexcept nogil
    void rulelang_replace(double *a, long long n, double gone, double x) noexcept nogil
    long long rulelang_below(const double *d, long long n, double x) noexcept nogil
    long long rulelang_below_and_not_above(const double *d, long long n, double x) noexcept nogil


cdef inline (double, double) two_sum(double a, double b) noexcept nogil:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


cdef inline long long count_below(double *d, long long first, long long n, double x) noexcept nogil:
    return rulelang_below(d + at(first), n, x)


cdef inline long long count_twice(double *d, long long first, long long n, double x) noexcept nogil:
    return rulelang_below_and_not_above(d + at(first), n, x)


cdef inline void replace(double *d, long long first, long long n, double gone, double x) noexcept nogil:
    rulelang_replace(d + at(first), n, gone, x)


cdef inline void move(double *d, long long to, long long first, long long n) noexcept nogil:
    if n > 0:
        memmove(d + at(to), d + at(first), n * sizeof(double))
