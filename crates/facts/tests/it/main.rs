//! Facts against made-up repositories, through the real pipeline.

mod advisories;
mod traps;
