"""The engine: checked rules as a flat program, and the machine that runs it a block of bars at a time."""
