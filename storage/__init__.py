"""The durable truth: SQLAlchemy Core tables, migrations and one repository per feature."""
