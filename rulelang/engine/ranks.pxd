cimport cython
from rulelang.engine.arena cimport at, bound, count_below, count_twice, move, replace
from rulelang.engine.sums cimport KNOWN, MISSING, SLOT, has_value, turn
from rulelang.engine.trees cimport below, insert, not_above, remove, select

cdef long long BODY, COUNTED, SCANNED, SORTED
cdef int MEDIAN, PERCENTILE, RANK

cpdef long long words(int op, long long n) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double f, double x) noexcept nogil
@cython.locals(whole=bint)
cdef void run(int op, double *d, long long *q, long long o, long long n, double f, double *x, double *out, long long lo, long long hi) noexcept nogil

cdef double _result(int op, double *d, long long *q, long long o, long long n, double f, double x) noexcept nogil
cdef double _place(double *d, long long *q, long long o, long long n, long long index) noexcept nogil
@cython.locals(index=cython.longlong)
cdef double _percentile(double *d, long long *q, long long o, long long n, double part) noexcept nogil
cdef double _median(double low, double high) noexcept nogil
cdef double _between(double low, double high, double part) noexcept nogil
cdef double _rank(double *d, long long *q, long long o, long long n, double x) noexcept nogil
cdef long long _bisected(double *d, long long first, long long known, double x) noexcept nogil
cdef long long _bisected_after(double *d, long long first, long long known, double x) noexcept nogil
cdef void _exchange(double *d, long long first, long long known, double gone, double x) noexcept nogil
cdef void _change(double *d, long long first, long long known, long long leaves, double gone, double x) noexcept nogil
cdef void _run_medians(double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
cdef void _run_ranks(double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
cdef long long _known(double *x, long long lo, long long m) noexcept nogil
