//! Special functions the queueing formulas stand on; each states its error and tests it.

mod gamma;
mod normal;
mod polynomial;
pub(crate) mod root;
pub(crate) mod temme;

pub use gamma::{gamma_cdf, gamma_quantile, gamma_tail, ln_gamma};
pub(crate) use normal::scaled_erfc_quick;
pub use normal::{erfc, normal_cdf, normal_quantile};
