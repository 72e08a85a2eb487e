//! M/M/c: Poisson arrivals, exponential service, identical servers with one queue.

use crate::guard;
use crate::queue::erlang;
use crate::queue::means::Means;
use crate::special::root;

/// An M/M/c station, first come first served, with the exact distribution of its times.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// section 2.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmc {
    rate: f64,
    service: f64,
    servers: f64,
    chance: f64,
}

impl Mmc {
    /// Arrivals per unit of time, mean service time (both >= 0), number of servers (>= 1, a
    /// fraction counts).
    #[must_use]
    pub fn new(rate: f64, service: f64, servers: f64) -> Self {
        let (rate, service, servers) = (guard::amount(rate), guard::amount(service), guard::servers(servers));
        Self { rate, service, servers, chance: erlang::erlang_c(servers, rate * service) }
    }

    /// The same with [`erlang::erlang_c_fast`], for callers that ask often.
    pub(crate) fn fast(rate: f64, service: f64, servers: f64) -> Self {
        let (rate, service, servers) = (guard::amount(rate), guard::amount(service), guard::servers(servers));
        Self { rate, service, servers, chance: erlang::fast(servers, rate * service) }
    }

    /// The probability of having to wait (Erlang C).
    #[must_use]
    pub fn chance_of_waiting(self) -> f64 {
        self.chance
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(self) -> Means {
        Means::from_wait(
            self.rate,
            self.service,
            self.servers,
            guard::product(self.chance, self.drain_time()),
        )
    }

    /// Variance of the waiting time.
    #[must_use]
    pub fn wait_variance(self) -> f64 {
        let time = self.drain_time();
        guard::product(self.chance * (2.0 - self.chance), time * time)
    }

    /// P(waiting time > t): Erlang C times an exponential with rate c mu - lambda.
    #[must_use]
    pub fn wait_tail(self, t: f64) -> f64 {
        let time = self.drain_time();
        if time.is_infinite() { 1.0 } else { self.chance * decay(guard::amount(t), time) }
    }

    /// The waiting time that a share `p` of the jobs stays within.
    #[must_use]
    pub fn wait_percentile(self, p: f64) -> f64 {
        let exceeding = 1.0 - guard::share(p);
        if self.drain_time().is_infinite() {
            f64::INFINITY
        } else if self.chance <= exceeding {
            0.0
        } else {
            guard::product((self.chance / exceeding).ln(), self.drain_time())
        }
    }

    /// P(response time > t). With the waiting phase's rate g = c mu - lambda:
    /// exp(-mu t) + C mu (exp(-mu t) - exp(-g t)) / (g - mu), and its limit
    /// exp(-mu t) (1 + C mu t) where g = mu.
    #[must_use]
    pub fn response_tail(self, t: f64) -> f64 {
        let t = guard::amount(t);
        if self.service <= 0.0 {
            return if t > 0.0 { 0.0 } else { 1.0 };
        }
        (-self.log_tail(t / self.service)).exp()
    }

    /// The response time that a share `p` of the jobs stays within; infinite at p = 1.
    #[must_use]
    pub fn response_percentile(self, p: f64) -> f64 {
        let p = guard::share(p);
        if self.drain_time().is_infinite() || p >= 1.0 {
            return f64::INFINITY;
        }
        if self.service <= 0.0 || p <= 0.0 {
            return 0.0;
        }
        let target = -(-p).ln_1p();
        self.service * root::increasing_from(0.0, 1.0, |services| self.log_tail(services) - target)
    }

    /// -ln P(response time > `services` mean service times), the slower of both phases taken out so
    /// that nothing cancels.
    fn log_tail(self, services: f64) -> f64 {
        let t = services.min(1e300);
        let drain = self.servers - self.rate * self.service;
        if drain <= 0.0 {
            return 0.0;
        }
        let slow = drain.min(1.0);
        let apart = (1.0 - drain).abs() * t;
        let ramp = if apart > 1e-8 { -(-apart).exp_m1() / apart } else { 1.0 - 0.5 * apart };
        slow * t - ((-(1.0 - slow) * t).exp() + self.chance * t * ramp).ln()
    }

    /// 1 / (c mu - lambda): the mean wait of those who wait.
    fn drain_time(self) -> f64 {
        let spare = self.servers - self.rate * self.service;
        if spare > 0.0 { self.service / spare } else { f64::INFINITY }
    }
}

/// exp(-t / time), 0 for a time of 0.
fn decay(t: f64, time: f64) -> f64 {
    if time > 0.0 { (-t / time).exp() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_is_mm1() {
        let (many, one) = (Mmc::new(0.8, 1.0, 1.0), super::super::Mm1::new(0.8, 1.0));
        for p in [0.1, 0.5, 0.95, 0.999] {
            assert!((many.response_percentile(p) / one.response_percentile(p) - 1.0).abs() < 1e-13);
        }
        assert!((many.means().response / one.means().response - 1.0).abs() < 1e-14);
    }

    /// c mu - lambda = mu makes the textbook formula 0/0.
    #[test]
    fn degenerate_case_is_the_limit_of_its_neighbours() {
        let exact = Mmc::new(1.0, 1.0, 2.0);
        let tail = |t: f64| (-t).exp() * (1.0 + t / 3.0);
        for t in [0.1, 1.0, 10.0, 100.0] {
            assert!((exact.response_tail(t) / tail(t) - 1.0).abs() < 1e-13, "at {t}");
            let beside = Mmc::new(1.0 + 1e-9, 1.0, 2.0).response_tail(t);
            assert!((exact.response_tail(t) / beside - 1.0).abs() < 1e-6, "beside it at {t}");
        }
    }
}
