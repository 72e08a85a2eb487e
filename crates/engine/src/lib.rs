//! The session every door shares: read, recall, design, check, publish.
