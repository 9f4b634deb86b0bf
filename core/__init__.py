"""Everything Ringfence knows and does, without a window: see, judge, act."""
