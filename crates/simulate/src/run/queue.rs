//! Queues of messages while they run. A message is a task that waits at its instruction; each delivery of it is a
//! child that a consumer works on. A message that is delivered again no longer counts the child's answer, but the
//! consumer goes on with it: work done twice costs what it costs.

use std::collections::VecDeque;

use super::event::Event;
use super::record::StationBin;
use super::task::{Line, NONE, Tasks};
use super::{Engine, MOST_TASKS};
use crate::outcome::Cause;
use crate::parts::Queue;

/// A queue.
pub(crate) struct QueueState {
    pub(crate) lane: Option<u32>,
    consumers: u32,
    prefetch: u32,
    capacity: u32,
    pub(crate) waiting: u32,
    ready: Line,
    /// Publishers that wait for room.
    blocked: Line,
    workers: Vec<Worker>,
    /// A place for each message that may be delivered: the worker it goes to, in turn.
    places: VecDeque<u16>,
    busy: u32,
    binned: [f64; 3],
    pub(crate) tally: QueueTally,
}

/// A consumer.
#[derive(Clone, Copy)]
struct Worker {
    /// Messages it has taken and not finished.
    taken: u32,
    /// Its places in the turn.
    places: u32,
    is_busy: bool,
    line: Line,
}

/// What a queue counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueueTally {
    last: f64,
    /// Integrals over time: messages that wait to be delivered, busy consumers, consumers.
    pub(crate) waiting: f64,
    pub(crate) busy: f64,
    pub(crate) consumers: f64,
    pub(crate) published: u64,
    pub(crate) refused: u64,
    pub(crate) blocked: u64,
    pub(crate) delivered: u64,
    pub(crate) redelivered: u64,
    pub(crate) finished: u64,
    pub(crate) dead: u64,
    /// Seconds from publishing until the message was finished, sum and longest.
    pub(crate) age: f64,
    pub(crate) oldest: f64,
    /// Most that waited.
    pub(crate) most: u32,
}

impl QueueState {
    pub(crate) fn new(queue: &Queue) -> Self {
        let mut state = Self {
            lane: None,
            consumers: 0,
            prefetch: queue.prefetch.max(1),
            capacity: queue.capacity.map_or(u32::MAX, |c| c.max(1)),
            waiting: 0,
            ready: Line::EMPTY,
            blocked: Line::EMPTY,
            workers: Vec::new(),
            places: VecDeque::new(),
            busy: 0,
            binned: [0.0; 3],
            tally: QueueTally::default(),
        };
        state.employ(queue.consumers);
        state
    }

    /// Sets the number of consumers; those who go finish what they have taken.
    fn employ(&mut self, consumers: u32) {
        self.consumers = consumers;
        let idle = Worker { taken: 0, places: 0, is_busy: false, line: Line::EMPTY };
        if self.workers.len() < consumers as usize {
            self.workers.resize(consumers as usize, idle);
        }
        // Places go round: each consumer has one before any has two.
        for _ in 0..self.prefetch {
            for (i, worker) in self.workers.iter_mut().enumerate().take(consumers as usize) {
                if worker.places + worker.taken < self.prefetch {
                    worker.places += 1;
                    self.places.push_back(i as u16);
                }
            }
        }
    }

    /// Who gets the next message.
    fn place(&mut self) -> Option<u16> {
        while let Some(worker) = self.places.pop_front() {
            let state = &mut self.workers[usize::from(worker)];
            state.places -= 1;
            if u32::from(worker) < self.consumers {
                state.taken += 1;
                return Some(worker);
            }
        }
        None
    }

    /// Brings the integrals up to now; call before anything changes.
    pub(crate) fn catch_up(&mut self, now: f64) {
        let passed = now - self.tally.last;
        self.tally.last = now;
        self.tally.waiting += passed * f64::from(self.waiting);
        self.tally.busy += passed * f64::from(self.busy);
        self.tally.consumers += passed * f64::from(self.consumers);
    }

    fn join(&mut self, tasks: &mut Tasks, id: u32) {
        self.waiting += 1;
        self.tally.most = self.tally.most.max(self.waiting);
        self.ready.push_back(tasks, id);
    }

    const fn integrals(&self) -> [f64; 3] {
        [self.tally.busy, self.tally.waiting, self.tally.consumers]
    }

    /// What happened since the last bin ended, as averages.
    pub(crate) fn bin(&mut self, width: f64) -> StationBin {
        let now = self.integrals();
        let passed = |i: usize| ((now[i] - self.binned[i]) / width) as f32;
        let bin = StationBin { busy: passed(0), waiting: passed(1), servers: passed(2) };
        self.binned = now;
        bin
    }

    /// Starts counting anew.
    pub(crate) fn reset(&mut self, now: f64) {
        let counted = self.integrals();
        self.binned.iter_mut().zip(counted).for_each(|(b, c)| *b -= c);
        self.tally = QueueTally { last: now, most: self.waiting, ..QueueTally::default() };
    }
}

impl Engine<'_> {
    /// A task publishes a message; says which task goes on.
    pub(super) fn publish(&mut self, id: u32, queue: u16, next: u32) -> Option<u32> {
        let state = &mut self.queues[usize::from(queue)];
        state.catch_up(self.now);
        if state.waiting >= state.capacity {
            if self.program.network.queues[usize::from(queue)].holds_publishers {
                state.tally.blocked += 1;
                state.blocked.push_back(&mut self.tasks, id);
                return None;
            }
            state.tally.refused += 1;
            return self.fail(id, Cause::QueueFull);
        }
        if self.tasks.alive >= MOST_TASKS {
            return self.fail(id, Cause::TooManyOpen);
        }
        state.tally.published += 1;
        let message = self.spawn(id, self.tasks[id].pc + 1, NONE);
        let task = &mut self.tasks[message];
        (task.start, task.deadline, task.attempt) = (self.now, f64::INFINITY, 0);
        self.queues[usize::from(queue)].join(&mut self.tasks, message);
        self.deliver(queue);
        self.tasks[id].pc = next;
        Some(id)
    }

    /// Gives waiting messages to consumers that have room.
    pub(super) fn deliver(&mut self, queue: u16) {
        let place = usize::from(queue);
        while !self.queues[place].ready.is_empty() {
            let state = &mut self.queues[place];
            let Some(worker) = state.place() else { return };
            let Some(message) = state.ready.pop(&self.tasks) else { return };
            state.waiting -= 1;
            state.tally.delivered += 1;
            let (lane, room) = (state.lane, state.blocked.pop(&self.tasks));
            self.ready.extend(room);
            let task = &mut self.tasks[message];
            task.epoch = task.epoch.wrapping_add(1);
            task.outstanding = 1;
            let receives = task.attempt;
            task.attempt = receives.saturating_add(1);
            let (epoch, pc) = (task.epoch, task.pc);
            self.queues[place].tally.redelivered += u64::from(receives > 0);
            if let Some(lane) = lane
                && let Some(due) = self.lanes[lane as usize].set(self.now, message, epoch)
            {
                self.events.push(due, Event::Timer(lane));
            }
            let child = self.spawn(message, pc + 1, message);
            self.tasks[child].part = worker;
            let state = &mut self.queues[place];
            let consumer = &mut state.workers[usize::from(worker)];
            if consumer.is_busy {
                consumer.line.push_back(&mut self.tasks, child);
            } else {
                consumer.is_busy = true;
                state.busy += 1;
                self.ready.push(child);
            }
        }
    }

    /// A consumer is done with a delivery, one way or the other.
    pub(super) fn consumed(&mut self, id: u32, queue: u16) {
        let worker = self.tasks[id].part;
        let state = &mut self.queues[usize::from(queue)];
        state.catch_up(self.now);
        let consumer = &mut state.workers[usize::from(worker)];
        consumer.taken -= 1;
        if let Some(next) = consumer.line.pop(&self.tasks) {
            self.ready.push(next);
        } else {
            consumer.is_busy = false;
            state.busy -= 1;
        }
        if u32::from(worker) < state.consumers {
            consumer.places += 1;
            state.places.push_back(worker);
        }
        self.deliver(queue);
    }

    /// A delivery was finished in time: the message is gone.
    pub(super) fn finished(&mut self, message: u32, queue: u16) {
        let age = self.now - self.tasks[message].start;
        let tally = &mut self.queues[usize::from(queue)].tally;
        tally.finished += 1;
        tally.age += age;
        tally.oldest = tally.oldest.max(age);
    }

    /// A delivery failed or took too long: the message comes again after a rest, unless it has been delivered
    /// too often; says so.
    pub(super) fn comes_again(&mut self, message: u32, queue: u16, rest: f64) -> bool {
        let settings = &self.program.network.queues[usize::from(queue)];
        let receives = u32::from(self.tasks[message].attempt);
        if settings.max_receives.is_some_and(|most| receives >= most) {
            self.queues[usize::from(queue)].tally.dead += 1;
            return false;
        }
        if rest > 0.0 {
            self.events.push(self.now + rest, Event::Resume(message));
        } else {
            self.back(message, queue);
        }
        true
    }

    /// A message waits to be delivered again.
    pub(super) fn back(&mut self, message: u32, queue: u16) {
        self.queues[usize::from(queue)].catch_up(self.now);
        self.queues[usize::from(queue)].join(&mut self.tasks, message);
        self.deliver(queue);
    }

    /// A delivered message is in sight again.
    pub(super) fn in_sight(&mut self, message: u32) {
        let crate::program::Op::Message { queue, .. } = self.program.code[self.tasks[message].pc as usize]
        else {
            return;
        };
        let task = &mut self.tasks[message];
        task.epoch = task.epoch.wrapping_add(1);
        if !self.comes_again(message, queue, 0.0) {
            self.fail(message, Cause::TimedOut);
        }
    }

    /// Sets the number of consumers of a queue.
    pub(super) fn set_consumers(&mut self, queue: usize, consumers: u32) {
        let Some(state) = self.queues.get_mut(queue) else { return };
        state.catch_up(self.now);
        state.employ(consumers.min(10_000));
        self.deliver(queue as u16);
    }
}
