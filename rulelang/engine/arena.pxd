# The arena's check in C. Every module that uses it has a length of its own, set by its `bound`.

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
    """
    long long at "rulelang_at"(long long word) noexcept nogil
    void bound "rulelang_bound"(long long words) noexcept nogil
