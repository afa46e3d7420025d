"""Documents to keep: plain values in, the bytes of a tagged PDF out. It knows no area and no database."""
