//! Stations while they run: who is served, who waits, and for how long they were busy.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::RngExt;

use super::record::StationBin;
use super::task::{Line, NONE, Task, Tasks};
use crate::network::{Discipline, Station};
use crate::random::Stream;

/// Levels of priority.
const LEVELS: usize = 8;

/// A station.
pub(crate) struct StationState {
    pub(crate) servers: u32,
    pub(crate) busy: u32,
    pub(crate) waiting: u32,
    /// Most that may wait, altogether and by priority.
    limit: u32,
    each: Option<f64>,
    shed: Box<[u32]>,
    /// Seconds for a second of demand.
    pub(crate) pace: f64,
    /// Servers that are slower, how many of them are busy, and what all of them take for a second of demand.
    slow: u32,
    slow_busy: u32,
    slow_pace: f64,
    speed: f64,
    pub(crate) discipline: Discipline,
    line: Line,
    /// Lines by priority, where the discipline looks at it.
    levels: Vec<Line>,
    pub(crate) stream: Stream,
    /// Whether what waits may leave without being served; and whether because nobody waits for it.
    pub(crate) drops_expired: bool,
    pub(crate) drops_late: bool,
    pub(crate) paused_until: f64,
    /// Length of all pauses so far.
    pub(crate) paused: f64,
    pub(crate) shared: Shared,
    /// Who is served, where visits interrupt each other.
    pub(crate) serving: Vec<u32>,
    pub(crate) tally: StationTally,
    /// Integrals at the end of the last bin.
    binned: [f64; 3],
    /// Servers that a pause took away from a shared station.
    pub(crate) asleep: u32,
}

/// What a station counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct StationTally {
    last: f64,
    /// Integral of the number waiting or served over time.
    pub(crate) inside: f64,
    /// Integral of busy servers over time.
    pub(crate) busy: f64,
    /// Integral of servers over time.
    pub(crate) servers: f64,
    pub(crate) arrivals: u64,
    pub(crate) served: u64,
    /// Visits that had to wait.
    pub(crate) waited: u64,
    /// Sum of the waits of visits whose service began.
    pub(crate) wait: f64,
    /// Visits whose service began.
    pub(crate) begun: u64,
    pub(crate) turned_away: u64,
    pub(crate) dropped: u64,
}

impl StationTally {
    const fn integrals(&self) -> [f64; 3] {
        [self.inside, self.busy, self.servers]
    }
}

impl StationState {
    pub(crate) fn new(station: &Station, stream: Stream) -> Self {
        let has_levels = matches!(station.discipline, Discipline::Priority | Discipline::Preemptive);
        Self {
            servers: station.servers,
            busy: 0,
            waiting: 0,
            limit: station.queue_limit.unwrap_or(u32::MAX),
            each: station.queue_each,
            pace: pace(station.speed),
            slow: 0,
            slow_busy: 0,
            slow_pace: pace(station.speed),
            speed: station.speed,
            shed: station.shed.clone().into_boxed_slice(),
            discipline: station.discipline,
            line: Line::EMPTY,
            levels: if has_levels { vec![Line::EMPTY; LEVELS] } else { Vec::new() },
            stream,
            drops_expired: station.drop_expired || station.patience.is_some(),
            drops_late: station.drop_expired,
            binned: [0.0; 3],
            asleep: 0,
            paused_until: 0.0,
            paused: 0.0,
            shared: Shared::default(),
            serving: Vec::new(),
            tally: StationTally::default(),
        }
    }

    /// Brings the integrals up to now; call before anything changes.
    #[inline]
    pub(crate) fn catch_up(&mut self, now: f64) {
        let passed = now - self.tally.last;
        self.tally.last = now;
        self.tally.inside += passed * f64::from(self.busy + self.waiting);
        self.tally.busy += passed * f64::from(self.busy.min(self.servers));
        self.tally.servers += passed * f64::from(self.servers);
    }

    /// Whether a visit can begin at once.
    #[inline]
    pub(crate) fn has_room(&self, now: f64) -> bool {
        self.busy < self.servers && now >= self.paused_until
    }

    /// Whether a visit of a priority may not wait.
    pub(crate) fn is_full(&self, priority: u8) -> bool {
        let crowded = self.each.is_some_and(|each| f64::from(self.waiting) >= each * f64::from(self.servers));
        crowded || self.waiting >= self.limit || self.sheds(priority, self.waiting)
    }

    /// Whether so many waiting are too many for a priority.
    fn sheds(&self, priority: u8, waiting: u32) -> bool {
        let most = self.shed.get(usize::from(priority)).or(self.shed.last());
        most.is_some_and(|most| waiting >= *most)
    }

    /// A server takes a task: says how long it takes for a second of demand.
    #[inline]
    pub(crate) fn take(&mut self, task: &mut Task) -> f64 {
        self.busy += 1;
        if self.slow == 0 { self.pace } else { self.take_any(task) }
    }

    /// Any of the free servers, one as likely as another.
    #[cold]
    fn take_any(&mut self, task: &mut Task) -> f64 {
        let free = self.servers.saturating_sub(self.busy - 1).max(1);
        let slow = self.slow.saturating_sub(self.slow_busy).min(free);
        task.is_slow = self.stream.random_range(0..free) < slow;
        self.slow_busy += u32::from(task.is_slow);
        if task.is_slow { self.slow_pace } else { self.pace }
    }

    /// A server is free again.
    #[inline]
    pub(crate) fn free(&mut self, task: &mut Task) {
        self.busy -= 1;
        if self.slow_busy > 0 && std::mem::take(&mut task.is_slow) {
            self.slow_busy -= 1;
        }
    }

    /// Sets the speed of all servers.
    pub(crate) fn set_speed(&mut self, speed: f64) {
        self.speed = speed;
        self.pace = pace(speed);
        self.slow_pace = self.pace;
    }

    /// Makes some servers slower than the others. Where no visit has a server of its own, all lose as much.
    pub(crate) fn slow_down(&mut self, servers: u32, factor: f64) {
        self.slow = servers.min(self.servers);
        self.slow_pace = pace(self.speed * factor);
        if matches!(self.discipline, Discipline::Sharing | Discipline::Preemptive) {
            let share = f64::from(self.slow) / f64::from(self.servers.max(1));
            self.slow = 0;
            self.pace = pace(self.speed * (1.0 - share + share * factor));
        }
    }

    /// Puts a task in the queue.
    #[inline]
    pub(crate) fn join(&mut self, tasks: &mut Tasks, id: u32, priority: u8) {
        self.waiting += 1;
        match self.discipline {
            Discipline::Fifo | Discipline::Sharing => self.line.push_back(tasks, id),
            Discipline::Lifo => self.line.push_front(tasks, id),
            Discipline::Priority | Discipline::Preemptive => {
                self.levels[level(priority)].push_back(tasks, id);
            }
        }
    }

    /// Puts a task that was interrupted back before its equals.
    pub(crate) fn rejoin(&mut self, tasks: &mut Tasks, id: u32, priority: u8) {
        self.waiting += 1;
        self.levels[level(priority)].push_front(tasks, id);
    }

    /// Takes the next task out of the queue.
    #[inline]
    pub(crate) fn next(&mut self, tasks: &Tasks) -> Option<u32> {
        let line = if self.levels.is_empty() {
            &mut self.line
        } else {
            self.levels.iter_mut().find(|l| !l.is_empty())?
        };
        let id = line.pop(tasks)?;
        self.waiting -= 1;
        Some(id)
    }

    /// Whether a shared station has more inside than servers and queue allow.
    pub(crate) fn is_crowded(&self, priority: u8) -> bool {
        let waiting = self.busy.saturating_sub(self.servers);
        self.busy >= self.servers.saturating_add(self.limit)
            || (self.busy >= self.servers && self.sheds(priority, waiting))
    }

    /// What happened since the last bin ended, as averages.
    pub(crate) fn bin(&mut self, width: f64) -> StationBin {
        let now = self.tally.integrals();
        let passed = |i: usize| ((now[i] - self.binned[i]) / width) as f32;
        let bin =
            StationBin { busy: passed(1), waiting: (passed(0) - passed(1)).max(0.0), servers: passed(2) };
        self.binned = now;
        bin
    }

    /// Starts counting anew.
    pub(crate) fn reset(&mut self, now: f64) {
        let counted = self.tally.integrals();
        self.binned.iter_mut().zip(counted).for_each(|(b, c)| *b -= c);
        self.tally = StationTally { last: now, ..StationTally::default() };
    }
}

/// Seconds for a second of demand; a server that stands still takes about for ever.
pub(crate) fn pace(speed: f64) -> f64 {
    1.0 / speed.max(1e-9)
}

/// The line of a priority.
fn level(priority: u8) -> usize {
    usize::from(priority).min(LEVELS - 1)
}

/// Work that shares servers equally, in virtual time: everybody inside advances by the same amount, so each
/// visit is finished at the virtual time of its arrival plus its demand.
#[derive(Default)]
pub(crate) struct Shared {
    /// Virtual time: demand served to each visit inside.
    virtual_now: f64,
    /// When virtual time was brought up to date.
    last: f64,
    /// Virtual times at which visits are finished, as bits; with their tasks.
    inside: BinaryHeap<Reverse<(u64, u32, u32)>>,
    turn: u32,
    /// When the next one is finished, if nothing changes.
    pub(crate) due: f64,
}

impl Shared {
    /// Seconds that a second of virtual time takes.
    fn stretch(&self, servers: u32, pace: f64) -> f64 {
        pace * (self.inside.len() as f64 / f64::from(servers.max(1))).max(1.0)
    }

    /// Brings virtual time up to now; call before anything changes.
    pub(crate) fn catch_up(&mut self, now: f64, servers: u32, pace: f64) {
        if servers > 0 {
            self.virtual_now += (now - self.last) / self.stretch(servers, pace);
        }
        self.last = now;
    }

    /// A visit begins.
    pub(crate) fn add(&mut self, id: u32, demand: f64) {
        self.turn = self.turn.wrapping_add(1);
        self.inside.push(Reverse(((self.virtual_now + demand).to_bits(), self.turn, id)));
    }

    /// The visit that is finished now.
    pub(crate) fn take(&mut self) -> u32 {
        let Some(Reverse((end, _, id))) = self.inside.pop() else { return NONE };
        self.virtual_now = self.virtual_now.max(f64::from_bits(end));
        if self.inside.is_empty() {
            self.virtual_now = 0.0;
        }
        id
    }

    /// When the next visit is finished if nothing changes; never while nobody serves.
    pub(crate) fn next_due(&mut self, servers: u32, pace: f64) -> Option<f64> {
        let Reverse((end, _, _)) = self.inside.peek()?;
        if servers == 0 {
            self.due = -1.0;
            return None;
        }
        let left = (f64::from_bits(*end) - self.virtual_now).max(0.0);
        self.due = self.last + left * self.stretch(servers, pace);
        Some(self.due)
    }
}
