//! Closed networks: a fixed number of clients that think, ask, and wait for the answer.

/// Throughput and response of one class in a closed network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cycle {
    /// Requests done per unit of time.
    pub throughput: f64,
    /// Mean time from asking to the answer, think time not included.
    pub response: f64,
}

/// A class of clients in a closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedClass<'a> {
    /// Service demand at each station (visits times service time).
    pub demands: &'a [f64],
    /// Number of clients.
    pub jobs: u32,
    /// Mean think time between an answer and the next request.
    pub think: f64,
}

/// All classes and stations of a closed network.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedSolution {
    /// By class.
    pub classes: Vec<Cycle>,
    /// Mean number of jobs at each station, all classes.
    pub queues: Vec<f64>,
}

/// What no closed network of single-server stations can exceed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Highest throughput: 1 over the largest demand; infinite without demand.
    pub throughput: f64,
    /// The number of clients at which queueing has to set in: (sum of demands + think time) over
    /// the largest demand.
    pub knee: f64,
}

use crate::guard;

/// More clients than this are solved approximately, to bound the time taken.
const MOST_JOBS: u32 = 1_000_000;
/// More numbers than this in the table of populations, and the exact solution is refused.
const MOST_ENTRIES: usize = 20_000_000;

/// Asymptotic bounds of a closed network with service `demands` and think time `think`.
///
/// Source: Lazowska, Zahorjan, Graham, Sevcik, Quantitative System Performance (1984), chapter 5.
#[must_use]
pub fn asymptotic_bounds(demands: &[f64], think: f64) -> Bounds {
    let largest = demands.iter().copied().map(guard::amount).fold(0.0, f64::max);
    let total: f64 = demands.iter().copied().map(guard::amount).sum();
    let over_largest = |x: f64| if largest > 0.0 { x / largest } else { f64::INFINITY };
    Bounds { throughput: over_largest(1.0), knee: over_largest(total + guard::amount(think)) }
}

/// Exact mean value analysis of one class: `jobs` clients with think time `think`, single-server
/// stations with service `demands`; writes the mean number of jobs at each station to `queues`
/// (as long as `demands`; what is longer is ignored). Exact to a million clients, above by
/// [`schweitzer_bard`]. Time grows with clients times stations.
///
/// Source: Reiser and Lavenberg, JACM 27 (1980); Lazowska et al. (1984), section 6.4.
#[must_use]
pub fn exact_mva(demands: &[f64], jobs: u32, think: f64, queues: &mut [f64]) -> Cycle {
    if jobs > MOST_JOBS {
        let solution = schweitzer_bard(&[ClosedClass { demands, jobs, think }]);
        queues.iter_mut().zip(&solution.queues).for_each(|(queue, value)| *queue = *value);
        return solution.classes[0];
    }
    let think = guard::amount(think);
    queues.fill(0.0);
    let mut cycle = Cycle::default();
    for population in 1..=jobs {
        let mut response = 0.0;
        for (queue, demand) in queues.iter_mut().zip(demands) {
            *queue = guard::amount(*demand) * (1.0 + *queue);
            response += *queue;
        }
        let throughput = rate(f64::from(population), think + response);
        queues.iter_mut().for_each(|queue| *queue = guard::product(*queue, throughput));
        cycle = Cycle { throughput, response };
    }
    cycle
}

/// Clients over cycle time; infinite when the cycle takes no time.
fn rate(jobs: f64, cycle: f64) -> f64 {
    if jobs <= 0.0 {
        0.0
    } else if cycle > 0.0 {
        jobs / cycle
    } else {
        f64::INFINITY
    }
}

/// Exact mean value analysis of several classes at single-server stations. `None` when the table
/// of populations would exceed 20 million numbers: then use [`schweitzer_bard`]. Stations beyond
/// the shortest class's demands are ignored.
///
/// Source: Reiser and Lavenberg, JACM 27 (1980); Lazowska et al. (1984), section 7.3.
#[must_use]
pub fn exact_mva_classes(classes: &[ClosedClass<'_>]) -> Option<ClosedSolution> {
    let stations = station_count(classes);
    let mut populations = 1_usize;
    for class in classes {
        populations = populations.checked_mul(class.jobs as usize + 1)?;
    }
    if populations.checked_mul(stations.max(1))? > MOST_ENTRIES {
        return None;
    }
    let mut table = vec![0.0; populations * stations];
    let mut cycles = vec![Cycle::default(); classes.len()];
    let mut counts = vec![0_u32; classes.len()];
    let mut queues = vec![0.0; stations];
    for index in 1..populations {
        advance(&mut counts, classes);
        queues.fill(0.0);
        let mut stride = 1;
        for ((class, &count), cycle) in classes.iter().zip(&counts).zip(&mut cycles) {
            *cycle = Cycle::default();
            if count > 0 {
                let before = &table[(index - stride) * stations..][..stations];
                *cycle = arrive(class, count, before, &mut queues);
            }
            stride *= class.jobs as usize + 1;
        }
        table[index * stations..][..stations].copy_from_slice(&queues);
    }
    Some(ClosedSolution { classes: cycles, queues })
}

/// The next population vector in mixed-radix order, the first class fastest.
fn advance(counts: &mut [u32], classes: &[ClosedClass<'_>]) {
    for (count, class) in counts.iter_mut().zip(classes) {
        if *count < class.jobs {
            *count += 1;
            return;
        }
        *count = 0;
    }
}

/// The arrival theorem for one class: an arrival sees the network with one client of its class
/// less. Adds what the class keeps at each station to `queues`.
fn arrive(class: &ClosedClass<'_>, count: u32, before: &[f64], queues: &mut [f64]) -> Cycle {
    let stay = |demand: f64, queue: f64| guard::amount(demand) * (1.0 + queue);
    let response: f64 = class.demands.iter().zip(before).map(|(d, q)| stay(*d, *q)).sum();
    let throughput = rate(f64::from(count), guard::amount(class.think) + response);
    for ((queue, demand), seen) in queues.iter_mut().zip(class.demands).zip(before) {
        *queue += guard::product(throughput, stay(*demand, *seen));
    }
    Cycle { throughput, response }
}

/// Approximate mean value analysis of several classes at single-server stations, at a cost that
/// does not depend on the number of clients. Usually within 5 % of the exact throughput and 10 %
/// of the response; on the reference networks here within 5.4 % and 8.2 %.
///
/// Source: Bard (1979), Schweitzer (1979): a class sees its own queue shrunk by (N - 1) / N;
/// Lazowska et al. (1984), section 7.4.
#[must_use]
pub fn schweitzer_bard(classes: &[ClosedClass<'_>]) -> ClosedSolution {
    const MOST_ROUNDS: usize = 10_000;
    let stations = station_count(classes);
    let mut solution =
        ClosedSolution { classes: vec![Cycle::default(); classes.len()], queues: vec![0.0; stations] };
    // One row a class: its jobs at each station, at first spread evenly.
    let mut own = vec![0.0; stations * classes.len()];
    for (row, class) in own.chunks_mut(stations.max(1)).zip(classes) {
        row.fill(f64::from(class.jobs) / stations.max(1) as f64);
    }
    for _ in 0..MOST_ROUNDS {
        solution.queues.fill(0.0);
        for row in own.chunks(stations.max(1)) {
            solution.queues.iter_mut().zip(row).for_each(|(queue, part)| *queue += part);
        }
        let mut change = 0.0_f64;
        for ((class, row), cycle) in
            classes.iter().zip(own.chunks_mut(stations.max(1))).zip(&mut solution.classes)
        {
            change = change.max(shrink(class, row, &solution.queues, cycle));
        }
        if change < 1e-10 {
            break;
        }
    }
    solution
}

/// One round of Schweitzer and Bard for one class; gives the largest change of its queues.
fn shrink(class: &ClosedClass<'_>, own: &mut [f64], queues: &[f64], cycle: &mut Cycle) -> f64 {
    let jobs = f64::from(class.jobs);
    if jobs <= 0.0 {
        return 0.0;
    }
    let stay =
        |demand: f64, queue: f64, own: f64| guard::amount(demand) * (1.0 + (queue - own / jobs).max(0.0));
    let parts = class.demands.iter().zip(queues).zip(&*own);
    let response: f64 = parts.map(|((d, q), o)| stay(*d, *q, *o)).sum();
    let throughput = rate(jobs, guard::amount(class.think) + response);
    let mut change = 0.0_f64;
    for ((part, demand), queue) in own.iter_mut().zip(class.demands).zip(queues) {
        let next = guard::product(throughput, stay(*demand, *queue, *part));
        change = change.max((next - *part).abs() / jobs);
        *part = next;
    }
    *cycle = Cycle { throughput, response };
    change
}

/// Stations that every class names.
fn station_count(classes: &[ClosedClass<'_>]) -> usize {
    classes.iter().map(|class| class.demands.len()).min().unwrap_or(0)
}
