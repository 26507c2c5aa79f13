"""Running the `test` blocks of rule files, and what they cover (clause 9)."""
