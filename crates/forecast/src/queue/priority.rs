//! One server, Poisson classes in order of priority: with and without preemption.

use crate::guard;
use crate::queue::means::Means;

/// A class of jobs at a station with priorities; the first class is served first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriorityClass {
    /// Arrivals per unit of time.
    pub rate: f64,
    /// Mean service time.
    pub service: f64,
    /// Squared coefficient of variation of service.
    pub scv: f64,
}

impl PriorityClass {
    fn guarded(self) -> Self {
        let [rate, service, scv] = [self.rate, self.service, self.scv].map(guard::amount);
        Self { rate, service, scv }
    }

    /// Mean work in service that an arrival finds of this class: lambda E\[S^2\] / 2.
    fn residual(self) -> f64 {
        0.5 * self.rate * self.service * self.service * (1.0 + self.scv)
    }
}

/// Means of each class when a job in service is never interrupted. A class is saturated when it
/// and those before it offer as much as one server can do; those before it may still be fine.
///
/// Source: Cobham (1954); Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory
/// (4th ed. 2008), section 3.4: Wq_k = W0 / ((1 - s_{k-1}) (1 - s_k)), s_k the load of the first k
/// classes.
#[must_use]
pub fn non_preemptive(classes: &[PriorityClass]) -> Vec<Means> {
    // A saturated class, and those after it, get only what is left of the server.
    let mut left: f64 = 1.0;
    let mut residual = 0.0;
    for class in classes.iter().map(|class| class.guarded()) {
        let load = class.rate * class.service;
        let served = load.min(left);
        residual += if load > 0.0 { class.residual() * (served / load) } else { 0.0 };
        left -= served;
    }
    by_class(classes, |above, upto, _| residual / ((1.0 - above) * (1.0 - upto)))
}

/// Means of each class when a job of a higher class interrupts, and the interrupted one resumes
/// where it was. `wait` is all time not in service, interruptions included.
///
/// Source: Harchol-Balter, Performance Modeling and Design of Computer Systems (2013), chapter 32:
/// W_k = S_k / (1 - s_{k-1}) + (residual work of the first k classes) / ((1 - s_{k-1}) (1 - s_k)).
#[must_use]
pub fn preemptive_resume(classes: &[PriorityClass]) -> Vec<Means> {
    let mut residual = 0.0;
    by_class(classes, |above, upto, class| {
        residual += class.residual();
        class.service * above / (1.0 - above) + residual / ((1.0 - above) * (1.0 - upto))
    })
}

/// Runs through the classes with the load above and up to each; `wait` holds while that is below 1.
fn by_class(classes: &[PriorityClass], mut wait: impl FnMut(f64, f64, PriorityClass) -> f64) -> Vec<Means> {
    let mut above = 0.0;
    classes
        .iter()
        .map(|class| {
            let class = class.guarded();
            let upto = above + class.rate * class.service;
            let value = wait(above, upto, class);
            let value = if upto < 1.0 { value } else { f64::INFINITY };
            above = upto;
            Means::from_wait(class.rate, class.service, 1.0, value)
        })
        .collect()
}
