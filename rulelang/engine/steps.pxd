cimport cython
from cpython.bytearray cimport PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy
from rulelang.engine.given cimport Given
from rulelang.engine.machine cimport Machine
from rulelang.engine.store cimport Store

cdef inline double _double(bytes bank, long long at):
    return (<double*> (PyBytes_AS_STRING(bank) + at))[0]

cdef inline bytes kept(Store m, bytes shown):
    cdef Py_ssize_t count = PyBytes_GET_SIZE(shown) >> 3, truths = PyByteArray_GET_SIZE(m.truth_memory), place
    cdef bytes made = PyBytes_FromStringAndSize(NULL, 8 * count + truths)
    cdef double *values = <double*> PyBytes_AS_STRING(made)
    cdef long long *registers = <long long*> PyBytes_AS_STRING(shown)
    for place in range(count):
        values[place] = m.v[registers[place]]
    memcpy(values + count, m.t, truths)
    return made

cdef double FURTHEST

cdef class EngineDecision

cdef class Steps:
    cdef public Machine machine
    cdef public object reading, recollection
    cdef public double newest, bars, start, reach
    cdef public long long count, most, hedge
    cdef public bytes shown
    cdef readonly Given given

    cdef bint _follows_gap(self, double at)
    @cython.locals(given=Given)
    cdef bint _taken(self, double at, dict values)
    @cython.locals(decision=EngineDecision)
    cdef EngineDecision _decided(self, object time)

cdef class EngineDecision:
    cdef public object time, reading, recollection, made
    cdef public bytes kept
    cdef public long long number, at
