cdef extern from *:
    """
    #if defined(__GNUC__) && defined(__x86_64__)
    #define rulelang_supported() (__builtin_cpu_init(), __builtin_cpu_supports("avx2") != 0)
    #else
    #define rulelang_supported() 0
    #endif
    """
    int supported "rulelang_supported"()
