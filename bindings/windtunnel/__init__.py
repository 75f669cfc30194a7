"""A wind tunnel for control planes: run scenarios, and read what they left as data."""
