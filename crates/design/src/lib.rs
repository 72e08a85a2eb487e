//! Brief becomes blueprint and decisions: enumerate, size, choose, flip, grow.
