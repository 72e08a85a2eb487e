//! A pool as one server whose speed depends on how many of its threads are in use.

use crate::guard;

/// Threads counted one by one; a larger pool counts as this many.
const MOST_THREADS: f64 = 4096.0;

/// A station called while a thread is held.
#[derive(Clone, Copy, Default)]
pub(crate) struct Called {
    /// Service time there for each visit to the pool.
    pub(crate) demand: f64,
    /// Its servers.
    pub(crate) servers: f64,
}

/// How a pool fares.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flow {
    /// Visits per unit of time with all threads in use: what the pool can do at most.
    pub(crate) capacity: f64,
    /// Probability that no thread is free.
    pub(crate) chance: f64,
    /// Mean wait of those who wait for a thread; infinite when saturated.
    pub(crate) when_waiting: f64,
    /// Mean time a thread is held.
    pub(crate) held: f64,
}

/// A pool of `threads` offered `rate` visits per unit of time, each `delay` long plus what it does
/// at the stations `called`, where it queues behind the pool's other visits. At most `population`
/// visits are there at once, threads and queue together.
///
/// Source: the flow-equivalent server, Chandy, Herzog, Woo (1975), for a subnetwork with limited
/// admission as in Lazowska et al., Quantitative System Performance (1984), section 9.3; its speeds
/// from mean value analysis, where a station with c servers delays by D and queues at D/c behind
/// what it holds, the latter only in so far as more than c can be there.
pub(crate) fn pool_flow(delay: f64, called: &[Called], threads: f64, rate: f64, population: f64) -> Flow {
    const MOST_CALLED: usize = 64;
    let threads = threads.min(MOST_THREADS).floor().max(1.0);
    let idle = delay + called.iter().map(|station| station.demand).sum::<f64>();
    if idle.is_infinite() {
        return Flow { capacity: 0.0, chance: 1.0, when_waiting: f64::INFINITY, held: f64::INFINITY };
    }
    if idle <= 0.0 || rate <= 0.0 {
        let capacity = if idle > 0.0 { saturated_speed(delay, called, threads) } else { f64::INFINITY };
        return Flow { capacity, chance: 0.0, when_waiting: 0.0, held: idle };
    }
    let mut queues = [0.0; MOST_CALLED];
    let (mut weight, mut total, mut in_use, mut full) = (1.0, 1.0, 0.0, 0.0);
    let mut speed = 0.0;
    let mut n = 0.0;
    while n < threads {
        n += 1.0;
        speed = next_speed(n, delay, called, &mut queues);
        if n <= population {
            weight *= rate / speed;
            total += weight;
            in_use += n * weight;
            full = weight;
            if total > 1e200 {
                let scale = 1.0 / total;
                (weight, total, in_use, full) = (weight * scale, 1.0, in_use * scale, full * scale);
            }
        }
    }
    if population < threads {
        return Flow {
            capacity: speed,
            chance: 0.0,
            when_waiting: 0.0,
            held: in_use / total_rate(rate, total, full),
        };
    }
    finish(full, total, in_use, Limits { threads, rate, speed, population })
}

/// rate times the weight of the states in which a visit is let in.
fn total_rate(rate: f64, total: f64, last: f64) -> f64 {
    rate * (total - last)
}

/// A pool at its limit: its threads, what is offered, what it does, and the most visits there.
#[derive(Clone, Copy)]
struct Limits {
    threads: f64,
    rate: f64,
    speed: f64,
    population: f64,
}

/// Adds the states with a queue, up to the population, as a geometric series.
fn finish(full: f64, total: f64, in_use: f64, limits: Limits) -> Flow {
    let Limits { threads, rate, speed, population } = limits;
    let ratio = rate / speed;
    let room = population - threads;
    if room.is_infinite() {
        if ratio >= 1.0 {
            return Flow { capacity: speed, chance: 1.0, when_waiting: f64::INFINITY, held: threads / speed };
        }
        let queued = full * ratio / (1.0 - ratio);
        let (total, in_use) = (total + queued, in_use + threads * queued);
        let chance = (full + queued) / total;
        return Flow {
            capacity: speed,
            chance,
            when_waiting: 1.0 / (speed - rate),
            held: in_use / (rate * total),
        };
    }
    let (mut weight, mut total, mut in_use, mut waiting, mut length) = (full, total, in_use, 0.0, 0.0);
    let mut found = full;
    let mut queued = 0.0;
    let places = room.floor().min(MOST_THREADS);
    while queued < places {
        queued += 1.0;
        weight *= ratio;
        total += weight;
        in_use += threads * weight;
        waiting += weight;
        length += queued * weight;
        if total > 1e200 {
            let scale = 1.0 / total;
            for sum in [&mut weight, &mut total, &mut in_use, &mut waiting, &mut length, &mut found] {
                *sum *= scale;
            }
        }
    }
    // An arrival finds the states but the last one, which lets nobody in.
    let accepted = total - weight;
    let chance = guard::share((found + waiting - weight) / accepted);
    let wait = length / (rate * accepted);
    let when_waiting = if chance > 0.0 { wait / chance } else { 0.0 };
    Flow { capacity: speed, chance, when_waiting, held: in_use / (rate * accepted) }
}

/// Visits per unit of time with `n` threads in use, given the queues with one less.
fn next_speed(n: f64, delay: f64, called: &[Called], queues: &mut [f64]) -> f64 {
    let mut cycle = delay;
    for (station, queue) in called.iter().zip(&mut *queues) {
        let crowd = if n > station.servers { (n - station.servers) / (n - 1.0) } else { 0.0 };
        let wait = station.demand / station.servers * *queue * crowd;
        // What stays of the queue below: the residence but the part that a server works alone.
        *queue = wait + station.demand / station.servers;
        cycle += wait + station.demand;
    }
    let speed = n / cycle;
    for queue in queues.iter_mut().take(called.len()) {
        *queue *= speed;
    }
    speed
}

/// Visits per unit of time with all threads in use.
fn saturated_speed(delay: f64, called: &[Called], threads: f64) -> f64 {
    let mut queues = [0.0; 64];
    let mut n = 0.0;
    let mut speed = 0.0;
    while n < threads {
        n += 1.0;
        speed = next_speed(n, delay, called, &mut queues);
    }
    speed
}
