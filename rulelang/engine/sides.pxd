# What `sides.py` says, in C, for the modules that are compiled. Comparing doubles gives 64 bits a bar, of which a truth
# needs 8: bringing them together takes the time, and processors have instructions for it that no compiler finds.

from rulelang.engine.ops cimport ABOVE, AT_LEAST, BELOW

cdef extern from *:
    """
    #ifdef __SSE2__
    #include <immintrin.h>
    #ifdef __AVX2__
    #define RULELANG_LANES 4
    typedef __m256i rulelang_masks;
    /* Sixteen masks become sixteen bytes. Halves of a register are packed apart and change places in between. */
    static inline __m128i rulelang_bytes(const rulelang_masks *is) {
        __m256i one = (__m256i)_mm256_shuffle_ps((__m256)is[0], (__m256)is[1], 0x88);
        __m256i two = (__m256i)_mm256_shuffle_ps((__m256)is[2], (__m256)is[3], 0x88);
        __m256i both = _mm256_packs_epi32(one, two);
        __m128i low = _mm256_castsi256_si128(both), high = _mm256_extracti128_si256(both, 1);
        return _mm_packs_epi16(_mm_unpacklo_epi32(low, high), _mm_unpackhi_epi32(low, high));
    }
    #else
    #define RULELANG_LANES 2
    typedef __m128i rulelang_masks;
    static inline __m128i rulelang_four(const rulelang_masks *is) {
        return (__m128i)_mm_shuffle_ps((__m128)is[0], (__m128)is[1], 0x88);
    }
    static inline __m128i rulelang_bytes(const rulelang_masks *is) {
        __m128i low = _mm_packs_epi32(rulelang_four(is), rulelang_four(is + 2));
        return _mm_packs_epi16(low, _mm_packs_epi32(rulelang_four(is + 4), rulelang_four(is + 6)));
    }
    #endif
    typedef double rulelang_some __attribute__((vector_size(8 * RULELANG_LANES), aligned(8)));
    #define RULELANG_SIXTEENS(yes, no) \\
        rulelang_some same; \\
        for (long long k = 0; k < RULELANG_LANES; k++) same[k] = *y; \\
        for (; j + 16 <= n; j += 16) { \\
            rulelang_masks is[16 / RULELANG_LANES]; \\
            for (long long k = 0; k < 16 / RULELANG_LANES; k++) { \\
                rulelang_some a = *(const rulelang_some *)(x + j + RULELANG_LANES * k); \\
                rulelang_some b = fixed ? same : *(const rulelang_some *)(y + j + RULELANG_LANES * k); \\
                is[k] = (rulelang_masks)(a no b) - (rulelang_masks)(a yes b); \\
            } \\
            _mm_storeu_si128((__m128i *)(t + j), _mm_add_epi8(rulelang_bytes(is), _mm_set1_epi8(1))); \\
        }
    #else
    #define RULELANG_SIXTEENS(yes, no)
    #endif
    #ifdef __AVX2__
    /* Four instructions of eight places at once; what they make goes where each says. */
    #define RULELANG_FOURS(yes, no) \\
        for (; row + 4 <= last; row += 4) { \\
            const int *i = hot + 8 * row; \\
            rulelang_some a = {v[i[1]], v[i[9]], v[i[17]], v[i[25]]}, b = {v[i[2]], v[i[10]], v[i[18]], v[i[26]]}; \\
            __m256i is = (__m256i)(a no b) - (__m256i)(a yes b) + 1; \\
            __m128i low = _mm256_castsi256_si128(is), high = _mm256_extracti128_si256(is, 1); \\
            t[i[0]] = (unsigned char)_mm_extract_epi8(low, 0); \\
            t[i[8]] = (unsigned char)_mm_extract_epi8(low, 8); \\
            t[i[16]] = (unsigned char)_mm_extract_epi8(high, 0); \\
            t[i[24]] = (unsigned char)_mm_extract_epi8(high, 8); \\
        }
    #else
    #define RULELANG_FOURS(yes, no)
    #endif
    #define RULELANG_ROWS(name, yes, no) \\
        static inline void name(const double *v, const int *hot, long long row, long long last, unsigned char *t) { \\
            RULELANG_FOURS(yes, no) \\
            for (; row < last; row++) { \\
                const int *i = hot + 8 * row; \\
                double a = v[i[1]], b = v[i[2]]; \\
                t[i[0]] = (a yes b) + !(a no b); \\
            } \\
        }
    #define RULELANG_SIDES(name, yes, no) \\
        static inline void name(const double *x, const double *y, int fixed, unsigned char *t, long long n) { \\
            long long j = 0; \\
            RULELANG_SIXTEENS(yes, no) \\
            for (; j < n; j++) t[j] = 1 + (x[j] yes y[fixed ? 0 : j]) - (x[j] no y[fixed ? 0 : j]); \\
        }
    RULELANG_SIDES(rulelang_is_above, >, <=)
    RULELANG_SIDES(rulelang_is_at_least, >=, <)
    RULELANG_SIDES(rulelang_is_below, <, >=)
    RULELANG_SIDES(rulelang_is_at_most, <=, >)
    RULELANG_ROWS(rulelang_rows_above, >, <=)
    RULELANG_ROWS(rulelang_rows_at_least, >=, <)
    RULELANG_ROWS(rulelang_rows_below, <, >=)
    RULELANG_ROWS(rulelang_rows_at_most, <=, >)
    """
    void rulelang_is_above(const double *x, const double *y, int fixed, unsigned char *t, long long n) noexcept nogil
    void rulelang_is_at_least(const double *x, const double *y, int fixed, unsigned char *t, long long n) noexcept nogil
    void rulelang_is_below(const double *x, const double *y, int fixed, unsigned char *t, long long n) noexcept nogil
    void rulelang_is_at_most(const double *x, const double *y, int fixed, unsigned char *t, long long n) noexcept nogil
    void rulelang_rows_above(const double *v, const int *hot, long long row, long long last, unsigned char *t) noexcept nogil
    void rulelang_rows_at_least(const double *v, const int *hot, long long row, long long last, unsigned char *t) noexcept nogil
    void rulelang_rows_below(const double *v, const int *hot, long long row, long long last, unsigned char *t) noexcept nogil
    void rulelang_rows_at_most(const double *v, const int *hot, long long row, long long last, unsigned char *t) noexcept nogil


cdef inline void sides(
    int op, const double *v, long long x, long long y, int fixed, unsigned char *t, long long o, long long n
) noexcept nogil:
    if op == ABOVE:
        rulelang_is_above(v + x, v + y, fixed, t + o, n)
    elif op == AT_LEAST:
        rulelang_is_at_least(v + x, v + y, fixed, t + o, n)
    elif op == BELOW:
        rulelang_is_below(v + x, v + y, fixed, t + o, n)
    else:
        rulelang_is_at_most(v + x, v + y, fixed, t + o, n)


cdef inline void sides_of_rows(
    int op, const double *v, const int *hot, long long first, long long last, unsigned char *t
) noexcept nogil:
    if op == ABOVE:
        rulelang_rows_above(v, hot, first, last, t)
    elif op == AT_LEAST:
        rulelang_rows_at_least(v, hot, first, last, t)
    elif op == BELOW:
        rulelang_rows_below(v, hot, first, last, t)
    else:
        rulelang_rows_at_most(v, hot, first, last, t)
