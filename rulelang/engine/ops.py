"""The operations of the machine, and where what stands in an instruction; `ops.pxd` holds the same numbers."""

ADD = 0
SUBTRACT = 1
MULTIPLY = 2
DIVIDE = 3
NEGATE = 4
SCALE = 5
CONVERT = 6
ABS = 7
MIN = 8
MAX = 9
SQRT = 10
LOG = 11
EXP = 12
ROUND = 13
FLOOR = 14
CEIL = 15
CLAMP = 16
CHOOSE = 17
BASIS = 18
A_YEAR = 19
ABOVE = 20
AT_LEAST = 21
BELOW = 22
AT_MOST = 23
AND = 24
OR = 25
NOT = 26
KNOWN = 27
MISSING = 28
SURE = 29
UNSURE = 30
EQUAL = 31
MOVED = 32
NUMBER = 33
CROSS = 34
PAST = 35
HELD = 36
FUNCTION = 37
CLOCK = 38
STAND = 39
MASK_VALUE = 40
MASK_TRUTH = 41
TICKED = 42
PUBLISHED = 43
VALID = 44
LONG_BAR = 45
LONG_TIME = 46
FIRST = 47
LONG_FIRST = 48
NEAR = 49
HELD_ENDS = 50
IN_FORCE = 51
PRICE = 52
AGE = 53
CAPTURED = 54
RULE = 55
TARGET = 56
LOOP = 57

# the places of an instruction
I_OP = 0
I_OUT = 1
I_A = 2
I_B = 3
I_C = 4
I_D = 5
I_STATE = 6
I_N = 7
I_F = 8
I_G = 9
I_SA = 10
I_SB = 11
I_SC = 12
I_SD = 13
I_SETTLED = 14
I_POS = 15
I_COMPLETE = 16
I_FIRST = 17
I_TICK = 18
I_INNER = 19
I_COUNT = 20
I_X = 21
I_Y = 22
I_Z = 23
I_SIZE = 24
WIDTH = 25

# the places of what its loops need of an instruction, small enough that hundreds stay near; registers as offsets
H_OUT = 0
H_A = 1
H_B = 2
H_D = 3
H_STATE = 4
H_N = 5
H_COUNT = 6
H_INNER = 7
HOT = 8

# what an instruction for a target holds in `extra`: its registers, counts, then what it watches, then its doings
T_BEFORE = 0
T_DESIRED = 1
T_AFTER = 2
T_UNTIL = 3
T_WORD = 4
T_HELD_BY = 5
T_FROZEN = 6
T_OTHERWISE = 7
T_CLOSE = 8
T_CHANGED = 9
T_DOINGS = 10
T_WATCHED = 11
T_VARYING = 12
T_LISTS = 13

# what a doing does; its words: the register of its rule, what, its values, whether of level, at once, rule, how many
DO_SET = 0
DO_FLOOR = 1
DO_CAP = 2
DO_CORRIDOR = 3
DO_INCREASE = 4
DO_REDUCE = 5
DO_FREEZE = 6
DOING = 8

# what is true of a level: it stays as it is, because something is missing, and no brake holds it
FIXED = 1
BLIND = 2
AT_ONCE = 4

# notes of levels: words of one, how many, and of how many doings at most
NOTE = 8
NOTES = 1024
MEMORABLE = 56

# a `for` of at most so many periods keeps bits, those of unknown ones from `HIGH` on; a shorter one goes side by side
SHORT = 30
SHORTER = 16
HIGH = 32
LOW = 4294967295

R_TIME, R_BAR = 0, 1
"""The registers of the time and of the number of a bar."""

HEADER = 9
"""Words of a ticked memory before its own: the period, the newest one taken, the value; what it would be with what is
pending, and whether that is known; four pending observations."""

NEVER = -(1 << 62)
"""The period of a node that has not moved yet."""
