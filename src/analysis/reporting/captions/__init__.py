"""The words of each report: titles that carry the message, main points, how sure we are."""
