//! Percentiles of open networks, with what a distribution fitted to two moments misses: most requests do not wait at
//! all where waits are long but rare.

use super::build::NetworkOf;
use super::mixture::part;
use super::response::Response;
use super::shape::{self, LEVELS, SURVIVAL};
use super::solve::{Wait, queue_wait};
use crate::queue::erlang;

/// Share of a station's processors below which a class is met by so few requests that no percentile up to the 99th
/// shows it: its rare and long visits count in means, and not here. A quarter of what the 99th leaves: left out, they
/// make of the 99th percentile the 98.75th at worst, and kept, one distribution of hours and milliseconds fits neither.
const RARE: f64 = 2.5e-3;

/// Whether what happens to some requests makes them so much longer that one distribution cannot stand for all: fewer
/// than half of them, and more than twice the rest. A queue of exponential service with one processor never does, and
/// keeps the exact percentiles of its exponential response.
fn stands_out(chance: f64, more: f64, rest: f64) -> bool {
    chance < 0.5 && more > 2.0 * rest
}

/// How long requests wait at the stations of a network, and how many do.
#[derive(Clone, Debug)]
pub struct Queues<const S: usize> {
    waits: [Wait; S],
    chance: [f64; S],
}

/// A distribution of response times, as a mixture of shifted gamma distributions.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    parts: Vec<(f64, [f64; LEVELS])>,
    total: f64,
    endless: f64,
}

impl Tail {
    fn add(&mut self, weight: f64, response: Response) {
        if weight.is_nan() || weight <= 0.0 {
            return;
        }
        self.total += weight;
        if response.mean.is_infinite() {
            self.endless += weight;
            return;
        }
        let varying = response.mean - response.fixed;
        let mut nodes = [0.0; LEVELS];
        if varying > 0.0 {
            nodes = shape::quantiles(response.variance.max(0.0).sqrt() / varying);
        }
        nodes.iter_mut().for_each(|n| *n = response.fixed + varying * *n);
        self.parts.push((weight, nodes));
    }

    fn include(&mut self, weight: f64, other: Self) {
        if weight > 0.0 && other.total > 0.0 {
            let scale = weight / other.total;
            self.parts.extend(other.parts.into_iter().map(|(w, nodes)| (w * scale, nodes)));
            self.total += weight;
            self.endless += other.endless * scale;
        }
    }

    /// The time that a share `p` of the requests stays within, ms; the number of requests beyond it is right to about
    /// one per cent of itself. Zero without requests.
    #[must_use]
    pub fn percentile(&self, p: f64) -> f64 {
        let exceeding = (1.0 - p) * self.total - self.endless;
        if self.total <= 0.0 {
            return 0.0;
        }
        if exceeding <= 0.0 {
            return f64::INFINITY;
        }
        let level = SURVIVAL.iter().position(|s| *s <= 1.0 - p + 1e-12).unwrap_or(LEVELS - 1);
        if let ([(_, nodes)], true) = (self.parts.as_slice(), (SURVIVAL[level] - (1.0 - p)).abs() < 1e-12)
            && self.endless <= 0.0
        {
            return nodes[level];
        }
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut time = self.parts.iter().map(|(w, n)| w * n[level]).sum::<f64>() / self.total;
        for _ in 0..80 {
            let (mut survival, mut density) = (0.0, 0.0);
            for (weight, nodes) in &self.parts {
                let (s, d) = part(nodes, time);
                survival += weight * s;
                density += weight * d;
            }
            if survival > exceeding {
                low = time;
            } else {
                high = time;
            }
            // Newton's step on the logarithm of what is left, within the bracket.
            let excess = (survival / exceeding).ln();
            let mut next = time + excess * survival / density;
            if !(next > low && next < high) {
                next = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * time.max(1e-9) };
            }
            let done = (next - time).abs() <= 1e-9 * time.abs();
            time = next;
            if done {
                break;
            }
        }
        time
    }
}

impl<const S: usize, const C: usize> NetworkOf<S, C> {
    /// The queues of a network under its load.
    #[must_use]
    pub fn queues(&self) -> Queues<S> {
        let mut queues = Queues { waits: [Wait::default(); S], chance: [0.0; S] };
        for station in 0..self.stations {
            let (row, servers) = (&self.rows[station], self.servers[station]);
            let (mut work, mut kept) = (0.0, [0.0; 3]);
            for class in 0..self.classes {
                let rate = self.rate[class];
                let own = rate * row.moments[0][class];
                work += own;
                if own >= RARE * servers {
                    let more = [own, rate * row.moments[1][class], rate * row.moments[2][class]];
                    kept.iter_mut().zip(more).for_each(|(sum, m)| *sum += m);
                }
            }
            let [few, square, cube] = kept;
            queues.chance[station] = erlang::fast(servers, few.min(servers));
            queues.waits[station] = queue_wait(servers, few, square, cube);
            queues.waits[station].saturated = work >= servers;
        }
        queues
    }

    /// Response times of a class. Of the stations that it visits once, the one where waits vary most is told apart: a
    /// request finds a processor free there, or it waits as long as those do who wait.
    #[must_use]
    pub fn tail(&self, class: usize, queues: &Queues<S>) -> Tail {
        let mut tail = Tail::default();
        if class >= self.classes {
            return tail;
        }
        let stuck = (0..self.stations).any(|i| queues.waits[i].saturated && self.path[class] >> i & 1 == 1);
        let moments = self.moments(&queues.waits);
        let (fixed, mean, variance) = (moments.fixed[class], moments.mean[class], moments.variance[class]);
        if stuck || variance == f64::INFINITY {
            tail.add(1.0, Response::NEVER);
            return tail;
        }
        let once = (0..self.stations).filter(|i| (self.rows[*i].sync[class] - 1.0).abs() < 1e-9);
        let apart = once.max_by(|a, b| queues.waits[*a].variance.total_cmp(&queues.waits[*b].variance));
        let waits =
            apart.map(|i| (queues.waits[i], queues.chance[i])).filter(|(w, c)| w.mean > 0.0 && *c > 1e-9);
        for (share, mean, variance) in self.with_or_without(class, queues, mean, variance) {
            let Some((wait, chance)) = waits else {
                tail.add(share, Response::new(fixed, mean, variance));
                continue;
            };
            // Of those who wait.
            let waited = wait.mean / chance;
            let spread = ((wait.variance + wait.mean * wait.mean) / chance - waited * waited).max(0.0);
            let (rest, around) = (mean - wait.mean, (variance - wait.variance).max(0.0));
            if !stands_out(chance, waited, rest) {
                tail.add(share, Response::new(fixed, mean, variance));
                continue;
            }
            tail.add(share * (1.0 - chance), Response::new(fixed, rest, around));
            tail.add(share * chance, Response::new(fixed, rest + waited, around + spread));
        }
        tail
    }

    /// Share, mean and variance of the requests of a class that visit the station which most of them spare, and of
    /// those that do not; one of all where every request visits the same stations.
    fn with_or_without(
        &self,
        class: usize,
        queues: &Queues<S>,
        mean: f64,
        variance: f64,
    ) -> impl Iterator<Item = (f64, f64, f64)> {
        // One visit, which some requests make.
        let some = |i: &usize| {
            let (row, chance) = (&self.rows[*i], self.rows[*i].sync[class]);
            let toss = chance * (1.0 - chance);
            chance > 0.0 && chance < 0.5 && (row.spread[1][class] - toss).abs() < 1e-9
        };
        // What the visits add to the variance, and of that what comes from there being one or none.
        let adds = |i: usize| {
            let (row, wait) = (&self.rows[i], &queues.waits[i]);
            let chance = row.sync[class];
            let stay = row.own[0][class] / chance;
            let toss = chance * (1.0 - chance) * (stay + wait.mean).powi(2);
            let all = row.own[2][class]
                + chance * wait.variance
                + row.spread[0][class] * wait.mean
                + row.spread[1][class] * wait.mean * wait.mean;
            (all, toss)
        };
        let apart = (0..self.stations).filter(some).max_by(|a, b| adds(*a).1.total_cmp(&adds(*b).1));
        let parts = apart.map_or([(1.0, mean, variance), (0.0, mean, variance)], |i| {
            let (all, toss) = adds(i);
            let chance = self.rows[i].sync[class];
            let took = self.rows[i].own[0][class] / chance + queues.waits[i].mean;
            let (rest, around) = (mean - chance * took, (variance - all).max(0.0));
            if !stands_out(chance, took, rest) {
                return [(1.0, mean, variance), (0.0, mean, variance)];
            }
            let visit = ((all - toss) / chance).max(0.0);
            [(1.0 - chance, rest, around), (chance, rest + took, around + visit)]
        });
        parts.into_iter().filter(|p| p.0 > 0.0)
    }

    /// Response times over the requests of all interactive classes.
    #[must_use]
    pub fn overall_tail(&self, queues: &Queues<S>) -> Tail {
        let mut all = Tail::default();
        for class in (0..self.classes).filter(|c| self.interactive[*c] && self.path[*c] != 0) {
            all.include(self.rate[class], self.tail(class, queues));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use crate::network::{Demand, Network};

    /// One class of short requests beside one of long ones, at two processors.
    fn mixed(short: f64, long: f64) -> (Network, usize) {
        let mut network = Network::new();
        let app = network.add_station(2.0).expect("room");
        let quick = network.add_class(short).expect("room");
        let slow = network.add_class(long).expect("room");
        network.set_demand(quick, app, Demand { cpu_ms: 1.0, ..Demand::default() });
        network.set_demand(slow, app, Demand { cpu_ms: 30.0, ..Demand::default() });
        (network, quick)
    }

    #[test]
    fn a_single_queue_of_one_processor_keeps_its_percentiles() {
        let mut network = Network::new();
        let station = network.add_station(1.0).expect("room");
        let class = network.add_class(50.0).expect("room");
        network.set_demand(class, station, Demand { cpu_ms: 10.0, ..Demand::default() });
        let tail = network.tail(class, &network.queues());
        // The response of M/M/1 is exponential with mean 20 ms.
        for (p, exact) in [(0.5, 13.863), (0.95, 59.915), (0.99, 92.103)] {
            let found = tail.percentile(p);
            assert!((found / exact - 1.0).abs() < 0.03, "{p}: {found} for {exact}");
        }
    }

    #[test]
    fn who_seldom_waits_has_a_95th_percentile_without_a_wait() {
        // One of thirty waits, and for long: beyond the 95th percentile, within the 99th.
        let (network, quick) = mixed(50.0, 8.0);
        let tail = network.tail(quick, &network.queues());
        let (p95, p99) = (tail.percentile(0.95), tail.percentile(0.99));
        assert!((3.0..9.0).contains(&p95), "{p95}");
        assert!(p99 > 20.0, "{p99}");
        assert!(network.solve().classes[quick].p95_ms > p95, "two moments alone see more of the wait");
    }

    #[test]
    fn what_hardly_ever_happens_shows_in_no_percentile() {
        let (mut network, quick) = mixed(100.0, 10.0);
        let before = network.tail(quick, &network.queues()).percentile(0.99);
        let rare = network.add_class(1e-4).expect("room");
        network.set_demand(rare, 0, Demand { cpu_ms: 10_000.0, ..Demand::default() });
        let after = network.tail(quick, &network.queues()).percentile(0.99);
        assert!((after / before - 1.0).abs() < 1e-6, "{before} {after}");
    }

    #[test]
    fn a_station_that_is_full_lets_nobody_through() {
        let (network, quick) = mixed(100.0, 100.0);
        assert!(network.tail(quick, &network.queues()).percentile(0.5).is_infinite());
        assert!(network.overall_tail(&network.queues()).percentile(0.5).is_infinite());
    }
}
