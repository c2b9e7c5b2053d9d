"""Claims of a document, checked against figures that lead to their raw rows."""
