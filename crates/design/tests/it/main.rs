//! Designs of hand-made briefs: what a senior architect would insist on, and what must hold for any brief.

mod bill;
mod briefs;
mod consensus;
mod currency;
mod extensions;
mod laws;
mod numbers;
