"""One module a family of official files; each lists its formats in ``FORMATS``."""
