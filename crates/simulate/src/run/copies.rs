//! Copies of a store that lag behind, and links that are cut, while they run.

use super::Engine;
use super::MOST_TASKS;
use super::task::{Line, NONE};
use crate::outcome::Cause;
use crate::parts::{Link, Replicas};

/// The place of the leader among copies.
const LEADER: u16 = u16::MAX;

/// Copies of a store.
pub(crate) struct ReplicasState {
    /// When each key was written last at the leader; before the run when never.
    written: Vec<f64>,
    /// By copy: when the last write of each key that it has applied was done.
    applied: Vec<Vec<f64>>,
    /// By copy: writes applied.
    got: Vec<u64>,
    commits: u64,
    pub(crate) tally: ReplicasTally,
}

/// What copies count.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReplicasTally {
    pub(crate) reads: u64,
    pub(crate) stale: u64,
    /// Reads that went to the leader.
    pub(crate) led: u64,
    pub(crate) applied: u64,
    /// Seconds from a write until a copy had it, sum and longest.
    pub(crate) lag: f64,
    pub(crate) longest: f64,
    /// Writes that a new leader did not have.
    pub(crate) lost: u64,
}

impl ReplicasState {
    pub(crate) fn new(replicas: &Replicas) -> Self {
        let none = vec![f64::NEG_INFINITY; replicas.keys as usize];
        Self {
            applied: vec![none.clone(); replicas.copies.len()],
            got: vec![0; replicas.copies.len()],
            written: none,
            commits: 0,
            tally: ReplicasTally::default(),
        }
    }

    fn place(&self, key: u32) -> usize {
        key as usize % self.written.len()
    }
}

/// A link.
pub(crate) struct LinkState {
    mode: Link,
    /// What waits for an answer that does not come.
    line: Line,
}

impl LinkState {
    pub(crate) const fn new(mode: Link) -> Self {
        Self { mode, line: Line::EMPTY }
    }
}

impl Engine<'_> {
    /// A write is done: it goes to every copy.
    pub(super) fn commit(&mut self, id: u32, set: u16) {
        let state = &mut self.replicas[usize::from(set)];
        let place = state.place(self.tasks[id].key);
        state.written[place] = self.now;
        state.commits += 1;
        for way in 0..self.program.copies[usize::from(set)].len() {
            if self.tasks.alive >= MOST_TASKS {
                return;
            }
            let child = self.spawn(id, self.program.copies[usize::from(set)][way], NONE);
            let task = &mut self.tasks[child];
            (task.start, task.deadline) = (self.now, f64::INFINITY);
            self.ready.push(child);
        }
    }

    /// A write has come through at a copy.
    pub(super) fn apply(&mut self, id: u32, set: u16, copy: u16) {
        let state = &mut self.replicas[usize::from(set)];
        let task = &self.tasks[id];
        let place = state.place(task.key);
        let newest = &mut state.applied[usize::from(copy)][place];
        *newest = newest.max(task.start);
        state.got[usize::from(copy)] += 1;
        let lag = self.now - task.start;
        state.tally.applied += 1;
        state.tally.lag += lag;
        state.tally.longest = state.tally.longest.max(lag);
    }

    /// Picks who answers a read; says the station.
    pub(super) fn reader(&mut self, id: u32, set: u16) -> u16 {
        let settings = &self.program.network.replicas[usize::from(set)];
        let state = &self.replicas[usize::from(set)];
        let age = self.now - state.written[state.place(self.tasks[id].key)];
        let load = |i: &usize| {
            let station = &self.stations[settings.copies[*i]];
            station.busy + station.waiting
        };
        let is_up = |i: &usize| self.stations[settings.copies[*i]].servers > 0;
        let is_pinned = settings.pin.is_some_and(|pin| age < pin);
        let copy = if is_pinned { None } else { (0..settings.copies.len()).filter(is_up).min_by_key(load) };
        self.tasks[id].part = copy.map_or(LEADER, |c| c as u16);
        copy.map_or(settings.leader, |c| settings.copies[c]) as u16
    }

    /// A read has been answered: was it stale?
    pub(super) fn seen(&mut self, id: u32, set: u16) {
        let state = &mut self.replicas[usize::from(set)];
        let task = &self.tasks[id];
        let place = state.place(task.key);
        state.tally.reads += 1;
        if task.part == LEADER {
            state.tally.led += 1;
        } else if state.applied[usize::from(task.part)][place] < state.written[place] {
            state.tally.stale += 1;
        }
    }

    /// The copy that is furthest takes the leader's place.
    pub(super) fn promote(&mut self, set: usize) {
        let Some(state) = self.replicas.get_mut(set) else { return };
        let furthest = state.got.iter().copied().max().unwrap_or(0);
        state.tally.lost += state.commits - furthest;
        // What is still on its way from the old leader is void: nobody counts it twice.
        state.commits = furthest;
    }

    /// A task goes over a link; says whether it goes on, or what stops it.
    pub(super) fn cross(&mut self, id: u32, link: u16) -> Crossed {
        let state = &mut self.links[usize::from(link)];
        match state.mode {
            Link::Up => Crossed::Over,
            Link::Fails => Crossed::Refused,
            Link::Hangs => {
                state.line.push_back(&mut self.tasks, id);
                Crossed::Hangs
            }
        }
    }

    /// A link changes; when it carries again, what hung in it goes on.
    pub(super) fn set_link(&mut self, link: usize, mode: Link) {
        let Some(state) = self.links.get_mut(link) else { return };
        state.mode = mode;
        if mode == Link::Hangs {
            return;
        }
        let mut line = std::mem::replace(&mut state.line, Line::EMPTY);
        while let Some(id) = line.pop(&self.tasks) {
            let gave_up = self.tasks[id].deadline <= self.now;
            if mode == Link::Up && !gave_up {
                self.tasks[id].pc += 1;
                self.ready.push(id);
            } else if let Some(next) = self.fail(id, if gave_up { Cause::Expired } else { Cause::Fault }) {
                self.ready.push(next);
            }
        }
    }
}

/// What a link did.
pub(super) enum Crossed {
    Over,
    Refused,
    Hangs,
}
