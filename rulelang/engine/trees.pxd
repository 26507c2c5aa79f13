cimport cython
from rulelang.engine.arena cimport at, bound

cdef enum:
    LEFT = 0
    RIGHT = 21
    SIZE = 42
    DEEPEST = 200

cdef extern from *:
    long long CHILD "2097151LL"
    long long LOW_32 "4294967295LL"

cdef void insert(double *d, long long *q, long long keys, long long links, long long node) noexcept nogil
cdef void remove(double *d, long long *q, long long keys, long long links, long long node) noexcept nogil
cdef double select(double *d, long long *q, long long keys, long long links, long long place) noexcept nogil
cdef long long below(double *d, long long *q, long long keys, long long links, double x) noexcept nogil
cdef long long not_above(double *d, long long *q, long long keys, long long links, double x) noexcept nogil

cdef long long _priority(long long node) noexcept nogil
cdef long long _child(long long *q, long long links, long long node, long long side) noexcept nogil
cdef long long _size(long long *q, long long links, long long node) noexcept nogil
cdef void _hang(long long *q, long long links, long long node, long long side, long long child) noexcept nogil
cdef void _grow(long long *q, long long links, long long node, long long by) noexcept nogil
cdef bint _before(double *d, long long keys, long long a, long long b) noexcept nogil
cdef long long _count_before(double *d, long long *q, long long keys, long long links, long long top, long long node) noexcept nogil
cdef void _split(double *d, long long *q, long long keys, long long links, long long top, long long node) noexcept nogil
cdef void _merge(long long *q, long long links, long long hole, long long side, long long a, long long b) noexcept nogil

@cython.locals(path="long long[200]")
cdef bint is_whole(double *d, long long *q, long long keys, long long links, long long n, long long known) noexcept nogil
cdef long long _linked(long long *q, long long links, long long n) noexcept nogil
cdef bint _is_sound_node(double *d, long long *q, long long keys, long long links, long long n, long long node) noexcept nogil
cdef long long _size_or_none(long long *q, long long links, long long node) noexcept nogil
