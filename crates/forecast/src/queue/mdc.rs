//! M/D/c: Poisson arrivals, constant service, several servers; exact means.

use crate::guard;
use crate::queue::means::Means;

/// An M/D/c station with `c` whole servers, first come first served.
///
/// Source: Crommelin, "Delay probability formulae when the holding times are constant", P.O.
/// Electrical Engineers' Journal 25 (1932): the generating function's zeros inside the unit circle
/// give the mean queue and the probability of waiting. With z_k the zeros of z^c = exp(a (z - 1))
/// other than 1: Lq = (a^2 - c (c - 1)) / (2 (c - a)) + sum 1 / (1 - z_k), and
/// P(no wait) = (c - a) / prod (1 - z_k).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mdc {
    rate: f64,
    service: f64,
    servers: f64,
    queue: f64,
    chance: f64,
}

impl Mdc {
    /// Arrivals per unit of time, the constant service time (both >= 0), whole servers (>= 1).
    #[must_use]
    pub fn new(rate: f64, service: f64, servers: u32) -> Self {
        let (rate, service) = (guard::amount(rate), guard::amount(service));
        let servers = servers.clamp(1, 100_000);
        let (c, load) = (f64::from(servers), rate * service);
        if load >= c {
            return Self { rate, service, servers: c, queue: f64::INFINITY, chance: 1.0 };
        }
        let (mut inverse_sum, mut log_product) = (0.0, 0.0);
        for k in 1..servers {
            let (re, im) = zero(load, c, f64::from(k));
            let square = (1.0 - re) * (1.0 - re) + im * im;
            inverse_sum += (1.0 - re) / square;
            log_product += 0.5 * square.ln();
        }
        let spare = c - load;
        let queue = (load * load - c * (c - 1.0)) / (2.0 * spare) + inverse_sum;
        let chance = -(spare.ln() - log_product).exp_m1();
        Self { rate, service, servers: c, queue: queue.max(0.0), chance: guard::share(chance) }
    }

    /// The probability of having to wait.
    #[must_use]
    pub fn chance_of_waiting(self) -> f64 {
        self.chance
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(self) -> Means {
        let wait = if self.rate > 0.0 { self.queue / self.rate } else { 0.0 };
        Means::from_wait(self.rate, self.service, self.servers, wait)
    }
}

/// The k-th zero of z = exp((a (z - 1) + 2 pi i k) / c): the map shrinks distances by a/c, and
/// Newton's method finishes what it starts.
fn zero(load: f64, servers: f64, k: f64) -> (f64, f64) {
    let slope = load / servers;
    let turn = 2.0 * std::f64::consts::PI * k / servers;
    let (mut re, mut im) = (0.0, 0.0);
    for step in 0..200 {
        let size = (slope * (re - 1.0)).exp();
        let (sin, cos) = (slope * im + turn).sin_cos();
        let (next_re, next_im) = (size * cos, size * sin);
        let (mut dx, mut dy) = (next_re - re, next_im - im);
        if step >= 5 {
            // Divide by 1 - F'(z) = 1 - slope F(z).
            let (p, q) = (1.0 - slope * next_re, -slope * next_im);
            let square = p * p + q * q;
            (dx, dy) = ((dx * p + dy * q) / square, (dy * p - dx * q) / square);
        }
        re += dx;
        im += dy;
        if dx.abs() + dy.abs() < 1e-16 {
            break;
        }
    }
    (re, im)
}
