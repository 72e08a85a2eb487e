//! What happens to the network: changes, pauses, autoscaling, and the ticks of the time series.

use std::collections::VecDeque;

use super::Engine;
use super::event::Event;
use crate::network::{Autoscaler, Discipline, Setting};

/// An autoscaler.
pub(super) struct ScalerState {
    /// Integrals of busy servers and of servers when it looked last.
    before: (f64, f64),
    /// Utilisations that it has not seen yet.
    coming: VecDeque<f64>,
    /// Servers that are being started.
    starting: u32,
    changed: f64,
}

impl ScalerState {
    pub(super) fn new(scaler: &Autoscaler) -> Self {
        let delay = (scaler.metric_delay / scaler.period.max(1e-3)).round().clamp(0.0, 10_000.0) as usize;
        let coming = std::iter::repeat_n(scaler.target, delay).collect();
        Self { before: (0.0, 0.0), coming, starting: 0, changed: f64::NEG_INFINITY }
    }
}

impl Engine<'_> {
    /// A change takes effect.
    pub(super) fn change(&mut self, i: usize) {
        match self.program.network.changes[i].setting.clone() {
            Setting::Servers(station, servers) => self.set_servers(station, servers),
            Setting::Speed(station, speed) => self.with_shared(station, |s| s.set_speed(speed)),
            Setting::Pause(station, length) => self.pause(station, length),
            Setting::Pool(pool, size) => self.resize(pool, size),
            Setting::Risk(risk, value) => set(&mut self.risks, risk, value.clamp(0.0, 1.0)),
            Setting::Stretch(delay, factor) => {
                if let Some(delay) = self.delays.get_mut(delay) {
                    delay.1 = factor.max(0.0);
                }
            }
            Setting::Flush(cache) => {
                if let Some(cache) = self.caches.get_mut(cache) {
                    cache.flush();
                }
            }
            Setting::CacheUp(cache, is_up) => {
                if let Some(cache) = self.caches.get_mut(cache) {
                    cache.is_up = is_up;
                    cache.flush();
                }
            }
            Setting::Limit(limiter, rate) => {
                if let Some(limiter) = self.limiters.get_mut(limiter) {
                    limiter.catch_up(self.now);
                    limiter.rate = rate;
                }
            }
            Setting::Slow(station, servers, speed) => {
                self.with_shared(station, |s| s.slow_down(servers, speed));
            }
            Setting::Consumers(queue, count) => self.set_consumers(queue, count),
            Setting::Link(link, mode) => self.set_link(link, mode),
            Setting::Promote(set) => self.promote(set),
        }
    }

    /// Gives a station another number of servers.
    fn set_servers(&mut self, station: usize, servers: u32) {
        self.with_shared(station, |s| s.servers = servers);
        if station < self.stations.len() && self.stations[station].discipline != Discipline::Sharing {
            self.begin_next(station);
        }
    }

    /// Changes a station, with what it has served up to now taken into account.
    fn with_shared(&mut self, station: usize, change: impl FnOnce(&mut super::station::StationState)) {
        let now = self.now;
        let Some(state) = self.stations.get_mut(station) else { return };
        state.catch_up(now);
        let shares = state.discipline == Discipline::Sharing;
        if shares {
            state.shared.catch_up(now, state.servers, state.pace);
        }
        change(state);
        if shares {
            self.plan_shared(station);
        }
    }

    /// Stops a station in the middle of its work.
    fn pause(&mut self, station: usize, length: f64) {
        let Some(state) = self.stations.get_mut(station) else { return };
        state.paused += length;
        state.paused_until = state.paused_until.max(self.now) + length;
        let (until, shares) = (state.paused_until, state.discipline == Discipline::Sharing);
        self.events.push(until, Event::Awake(station as u32));
        if shares {
            self.with_shared(station, |s| {
                s.asleep += s.servers;
                s.servers = 0;
            });
        }
    }

    /// A station's pause is over.
    pub(super) fn awake(&mut self, station: usize) {
        if self.now < self.stations[station].paused_until {
            return;
        }
        self.with_shared(station, |s| s.servers += std::mem::take(&mut s.asleep));
        self.begin_next(station);
    }

    fn resize(&mut self, pool: usize, size: u32) {
        let Some(state) = self.pools.get_mut(pool) else { return };
        state.catch_up(self.now);
        state.size = size;
        while let Some(next) = self.pools[pool].grant(&self.tasks, self.now) {
            self.tasks[next].pc += 1;
            self.ready.push(next);
        }
    }

    /// An autoscaler looks at its station and decides.
    pub(super) fn scale(&mut self, i: usize) {
        let settings = &self.program.network.autoscalers[i];
        self.events.push(self.now + settings.period.max(1e-3), Event::Scale(i as u32));
        let Some(station) = self.stations.get_mut(settings.station) else { return };
        station.catch_up(self.now);
        let seen = (station.tally.busy, station.tally.servers);
        let scaler = &mut self.scalers[i];
        let (busy, servers) = (seen.0 - scaler.before.0, seen.1 - scaler.before.1);
        scaler.before = seen;
        // Integrals start again after the warm-up: that one look is skipped.
        if servers <= 0.0 || busy < 0.0 {
            return;
        }
        scaler.coming.push_back(busy / servers);
        let utilisation = scaler.coming.pop_front().unwrap_or(settings.target);
        let unit = settings.unit.max(1);
        let have = station.servers + scaler.starting;
        let wanted = f64::from(station.servers) * utilisation / settings.target.max(1e-3);
        let wanted = (wanted / f64::from(unit)).ceil().min(1e6) as u32 * unit;
        let wanted = wanted.clamp(settings.least, settings.most);
        let is_close = (utilisation / settings.target.max(1e-3) - 1.0).abs() < TOLERANCE;
        if wanted > have && !is_close {
            for _ in 0..(wanted - have).div_ceil(unit) {
                scaler.starting += unit;
                self.events.push(self.now + settings.start_up, Event::Started(i as u32));
            }
            scaler.changed = self.now;
        } else if wanted < have && !is_close && self.now - scaler.changed >= settings.cooldown {
            scaler.changed = self.now;
            let servers = station.servers.min(wanted);
            self.set_servers(settings.station, servers);
        }
    }

    /// A copy that an autoscaler asked for takes work.
    pub(super) fn started(&mut self, i: usize) {
        let settings = &self.program.network.autoscalers[i];
        let unit = settings.unit.max(1);
        self.scalers[i].starting = self.scalers[i].starting.saturating_sub(unit);
        let servers = (self.stations[settings.station].servers + unit).min(settings.most);
        self.set_servers(settings.station, servers);
    }

    /// A bin of the time series ends.
    pub(super) fn tick(&mut self) {
        let width = self.course.until / self.course.bins as f64;
        self.ticks += 1;
        self.watch.went(width);
        for (state, bins) in self.stations.iter_mut().zip(&mut self.records.stations) {
            state.catch_up(self.now);
            bins.push(state.bin(width));
        }
        for (state, bins) in self.pools.iter_mut().zip(&mut self.records.pools) {
            state.catch_up(self.now);
            bins.push(state.bin(width));
        }
        for (state, bins) in self.queues.iter_mut().zip(&mut self.records.queues) {
            state.catch_up(self.now);
            bins.push(state.bin(width));
        }
        if self.ticks < self.course.bins {
            self.events.push(width * (self.ticks + 1) as f64, Event::Tick);
        }
    }

    /// The warm-up is over: counting starts anew.
    pub(super) fn warm(&mut self) {
        let now = self.now;
        for state in &mut self.stations {
            state.catch_up(now);
            state.reset(now);
        }
        for state in &mut self.pools {
            state.catch_up(now);
            state.reset(now);
        }
        for state in &mut self.queues {
            state.catch_up(now);
            state.reset(now);
        }
        self.replicas.iter_mut().for_each(|r| r.tally = super::copies::ReplicasTally::default());
        self.calls.iter_mut().for_each(|c| c.tally = super::call::CallTally::default());
        for cache in &mut self.caches {
            (cache.hits, cache.misses, cache.shared) = (0, 0, 0);
        }
    }
}

/// Deviation from the target that an autoscaler leaves alone.
const TOLERANCE: f64 = 0.1;

fn set(values: &mut [f64], index: usize, value: f64) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}
