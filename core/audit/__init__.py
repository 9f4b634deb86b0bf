"""An append-only, hash-chained, signed record of everything done."""
