"""The measures a claim can name, by subject: every function ``measure_*``."""
