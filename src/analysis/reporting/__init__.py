"""From results to figures, tables, sentences and pages."""
