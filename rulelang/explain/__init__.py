"""Answers about rules and decisions: why, why not, the table of active rules, a file in plain English, replay."""
