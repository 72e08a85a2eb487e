//! Answers as people get them: every topic renders, routing finds it, numbers carry their letter, and the
//! arithmetic is right.

mod fixture;
mod honesty;
mod material;
mod render;
mod routing;
