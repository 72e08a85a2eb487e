//! Single stations: every formula with its source.
//!
//! Times go in and come out in one unit of the caller's choice, rates in its inverse. Rates and
//! times that are NaN or negative count as 0, infinite ones as 1e15; a station that is offered as
//! much as it can do, or more, has infinite waits, never NaN.

mod batch;
mod birth_death;
pub mod erlang;
mod erlang_a;
mod fork;
mod gim1;
mod md1;
mod mdc;
mod means;
mod mg1;
mod mgc;
mod mginf;
mod mh21;
mod mm1;
mod mmc;
mod mmck;
mod priority;
mod service;
mod sharing;
mod source;

pub use batch::batch_mm1;
pub use erlang_a::{Abandonment, erlang_a};
pub use fork::{
    fan_out_tail, fork_join_2, fork_join_nelson_tantawi, max_exponential_mean, max_exponential_quantile,
    max_exponential_square, split_merge,
};
pub use gim1::{Arrivals, Gim1};
pub use md1::Md1;
pub use mdc::Mdc;
pub use means::Means;
pub use mg1::Mg1;
pub use mgc::Mgc;
pub use mginf::Mginf;
pub use mh21::Mh21;
pub use mm1::Mm1;
pub use mmc::Mmc;
pub use mmck::{Limited, mmck};
pub use priority::{PriorityClass, non_preemptive, preemptive_resume};
pub use service::{Lognormal, balanced_hyperexponential};
pub use sharing::Sharing;
pub use source::{FiniteSource, finite_source};
