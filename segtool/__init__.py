"""segtool segments any document."""
