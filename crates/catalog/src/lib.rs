//! What Loadcase knows: technologies, patterns, domains, decisions, prices, words; loaded, checked, indexed.
