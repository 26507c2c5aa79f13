cimport cython
from rulelang.engine.clocks cimport clocks, restart_ends, restart_ticked
from rulelang.engine.columns cimport truths, values
from rulelang.engine.memories cimport memories, restart
from rulelang.engine.store cimport Store, octets_on, whole
from rulelang.engine.targets cimport targets
from rulelang.engine.ops cimport *

cdef void execute(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void rules(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _of_a_bar(Store m, long long first, long long last, long long j) noexcept nogil
cdef void _pass(Store m, long long i, long long lo, long long hi) noexcept nogil
@cython.locals(truth=cython.uchar, before=cython.uchar, now=cython.uchar)
cdef inline void _once(long long *q, unsigned char *t, long long state, long long condition, long long out, long long event) noexcept nogil
@cython.locals(unknown=cython.uchar)
cdef void _plain(Store m, long long i, long long lo, long long hi) noexcept nogil
cdef void _step(Store m, long long i, long long j) noexcept nogil
@cython.locals(anew=cython.bint, ended=cython.bint)
cdef int _enduring(Store m, long long i, long long j, int truth) noexcept nogil
cdef void _was_true(Store m, long long i, long long j) noexcept nogil
cdef bint _exits(Store m, long long i, long long j) noexcept nogil
cdef bint _over(Store m, long long i, long long j, int truth) noexcept nogil
cdef void _start(Store m, long long i, long long j) noexcept nogil
@cython.locals(active=cython.bint)
cdef void _capture(Store m, long long i, long long j) noexcept nogil
@cython.locals(active=cython.bint)
cdef void captured(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void known_of_targets(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef inline unsigned char _change(unsigned char now, unsigned char before) noexcept nogil
