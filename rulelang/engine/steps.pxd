cimport cython
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from rulelang.engine.machine cimport Machine
from rulelang.engine.store cimport Store

cdef inline double _double(bytes bank, long long at):
    return (<double*> (PyBytes_AS_STRING(bank) + at))[0]

cdef inline bytes copied(bytearray memory):
    return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(memory), PyByteArray_GET_SIZE(memory))

cdef class EngineDecision

cdef class Steps:
    cdef public Machine machine
    cdef public object reading, recollection
    cdef public double newest, bars
    cdef public long long count, most, hedge
    cdef public list times, given

    cdef bint _supplied(self, double at, dict values)
    cdef void _keep(self, object time, dict values)
    @cython.locals(decision=EngineDecision)
    cdef EngineDecision _decided(self, object time)

@cython.no_gc
@cython.freelist(64)
cdef class EngineDecision:
    cdef public object time, reading, recollection, made
    cdef public bytes bank, truths
    cdef public long long number, at
