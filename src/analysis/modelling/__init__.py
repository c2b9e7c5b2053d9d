"""Models: a tidy frame in, a frozen result with its inference written in it out."""
