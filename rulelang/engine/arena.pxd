# What `arena.py` says, in C, for the modules that are compiled: each has its own copy, and its own arena's length.

cimport cython

cdef extern from *:
    """
    #include <math.h>
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
    static long long rulelang_span(long long first, long long n) {
        if (n > 0) rulelang_at(first), rulelang_at(first + n - 1);
        return first;
    }
    #else
    #define rulelang_bound(n) ((void)(n))
    #define rulelang_at(word) (word)
    #define rulelang_span(first, n) (first)
    #endif
    """
    long long at "rulelang_at"(long long word) noexcept nogil
    long long span "rulelang_span"(long long first, long long n) noexcept nogil
    void bound "rulelang_bound"(long long words) noexcept nogil
    double MISSING "((double)NAN)"
    double SPLIT "134217729.0"
    double PRODUCT_LARGEST "0x1p300"
    double SMALLEST "0x1p-300"
    double fabs(double x) noexcept nogil

cdef enum:
    SLOT = 0
    PASSED = 1
    KNOWN = 2


cdef inline (double, double) two_sum(double a, double b) noexcept nogil:
    cdef double total = a + b, part = total - a
    return total, (a - (total - part)) + (b - part)


@cython.cdivision(True)
cdef inline double mean(double high, double low, double k) noexcept nogil:
    cdef double part = 1.0 / k, quotient = high * part, t = SPLIT * quotient, q_high = t - (t - quotient)
    return quotient + (((high - q_high * k) - (quotient - q_high) * k) + low) * part


cdef inline double finite(double value) noexcept nogil:
    return value if value - value == 0 else MISSING


cdef inline bint extreme(double x) noexcept nogil:
    cdef double size = fabs(x)
    return size > PRODUCT_LARGEST or 0 < size < SMALLEST


cdef inline long long turn(double *d, long long *q, long long o, long long n, long long raw, double x) noexcept nogil:
    cdef long long slot = q[o + SLOT], here = at(raw + slot)
    if q[o + PASSED] < n:
        q[o + PASSED] += 1
        q[o + KNOWN] += x == x
    else:
        q[o + KNOWN] += (x == x) - (d[here] == d[here])
    d[here] = x
    q[o + SLOT] = slot + 1 if slot + 1 < n else 0
    return slot


cdef inline bint has_value(long long *q, long long o, long long n) noexcept nogil:
    return q[o + PASSED] == n and 2 * q[o + KNOWN] >= n


cdef inline bint ring_is_sound(long long *q, long long o, long long n) noexcept nogil:
    cdef long long slot = q[at(o + SLOT)], passed = q[at(o + PASSED)]
    return 0 <= slot < n and 0 <= passed <= n and (passed == n or slot == passed)


cdef inline bint window_is_sound(double *d, long long *q, long long o, long long n, long long raw) noexcept nogil:
    cdef long long known = 0, k
    if not ring_is_sound(q, o, n):
        return False
    for k in range(q[o + PASSED]):
        known += d[at(raw + k)] == d[at(raw + k)]
    return q[at(o + KNOWN)] == known
