"""The language server: what an editor asks about a rule file while it is typed."""
