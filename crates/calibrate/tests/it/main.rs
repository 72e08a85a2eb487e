//! Measurements are recognised, read, put into a blueprint, and refused where they are broken.

mod applied;
mod reading;
