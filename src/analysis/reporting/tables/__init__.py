"""Tables ready to read: a frame in, labels and formatted text out; marks beside flagged cells."""
