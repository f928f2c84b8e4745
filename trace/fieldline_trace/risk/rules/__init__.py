"""The rules: one module each, each a pure function from facts to the findings that stand."""
