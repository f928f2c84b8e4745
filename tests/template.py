"""The migrated, empty database that tests get copies of."""

TEMPLATE = "fieldline_template"
"""Its name on the session's PostgreSQL."""
