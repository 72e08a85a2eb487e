//! How a task goes through its instructions, and what its end means to who waits for it.

use rand::RngExt;

use super::cache::Look;
use super::copies::Crossed;
use super::event::Event;
use super::pool::Asked;
use super::task::{NONE, ROOT};
use super::{Engine, MOST_TASKS};
use crate::network::Balance;
use crate::outcome::Cause;
use crate::program::{Held, Op};

/// What the answer of a child means to its parent.
enum Answered {
    /// It goes on.
    GoesOn(u32),
    /// It has failed.
    Fails(u32, Cause),
    /// It waits for others, or does not care any more.
    Nothing,
}

impl Engine<'_> {
    /// Lets a task go on until it has to wait.
    #[inline]
    pub(super) fn advance(&mut self, mut id: u32) {
        loop {
            let pc = self.tasks[id].pc;
            match self.program.code[pc as usize] {
                Op::Visit { station, sampler } => return self.visit(id, station, sampler),
                Op::End => match self.end(id) {
                    Some(parent) => id = parent,
                    None => return,
                },
                Op::Fork { first, branches, need, next } => {
                    if need == 0 || branches == 0 {
                        self.tasks[id].pc = next;
                    } else {
                        id = self.fork(id, first, branches, need);
                    }
                }
                Op::Choose { first, options, next } => {
                    self.tasks[id].pc = self.chosen(first, options, next);
                }
                Op::Again { chance, back } => {
                    let again = self.routing.random::<f64>() < self.program.chances[chance as usize];
                    self.tasks[id].pc = if again { back } else { pc + 1 };
                }
                Op::Jump { to } => self.tasks[id].pc = to,
                Op::Call { call, .. } => match self.begin_call(id, call) {
                    Some(child) => id = child,
                    None => return,
                },
                other => match self.rare(id, pc, other) {
                    Some(next) => id = next,
                    None => return,
                },
            }
        }
    }

    /// The instructions that most programs have few of. Says which task goes on now.
    fn rare(&mut self, id: u32, pc: u32, op: Op) -> Option<u32> {
        let now = self.now;
        match op {
            Op::Balanced { group, sampler } => {
                let station = self.balanced(group, id);
                self.visit(id, station, sampler);
                return None;
            }
            Op::Wait { sampler } => {
                let time = self.program.samplers[usize::from(sampler)].sample(&mut self.waits);
                self.events.push(now + time, Event::Resume(id));
                return None;
            }
            Op::Delay { delay } => {
                let time = self.delay(id, delay);
                self.events.push(now + time, Event::Resume(id));
                return None;
            }
            Op::Detach { next } => {
                self.tasks[id].pc = next;
                if self.tasks.alive < MOST_TASKS {
                    let child = self.spawn(id, pc + 1, NONE);
                    self.tasks[child].deadline = f64::INFINITY;
                    self.ready.push(child);
                }
                return Some(id);
            }
            Op::Acquire { pool } => match self.pools[usize::from(pool)].ask(&mut self.tasks, id, now) {
                Asked::Granted => {}
                Asked::Waits => return None,
                Asked::TurnedAway => return self.fail(id, Cause::QueueFull),
            },
            Op::Release { pool } => self.give_back(pool),
            Op::Lookup { cache, hit } => match self.caches[usize::from(cache)].look(&mut self.tasks, id, now)
            {
                Look::Hit => {
                    self.tasks[id].pc = hit;
                    return Some(id);
                }
                Look::Miss => {}
                Look::Wait => return None,
            },
            Op::Fill { cache } => self.fill(id, cache, pc + 1),
            Op::Admit { limiter } if !self.limiters[usize::from(limiter)].take(now) => {
                return self.fail(id, Cause::RateLimited);
            }
            Op::Sometimes { risk, skip } => {
                let chance = self.risks[usize::from(risk)];
                if chance <= 0.0 || self.routing.random::<f64>() >= chance {
                    self.tasks[id].pc = skip;
                    return Some(id);
                }
            }
            Op::Risk { risk } => {
                let risk = self.risks[usize::from(risk)];
                if risk > 0.0 && self.routing.random::<f64>() < risk {
                    return self.fail(id, Cause::Fault);
                }
            }
            Op::Read { set, sampler } => {
                let station = self.reader(id, set);
                self.visit(id, station, sampler);
                return None;
            }
            Op::Seen { set } => self.seen(id, set),
            Op::Commit { set } => self.commit(id, set),
            Op::Apply { set, copy } => self.apply(id, set, copy),
            Op::Link { link } => match self.cross(id, link) {
                Crossed::Over => {}
                Crossed::Refused => return self.fail(id, Cause::Fault),
                Crossed::Hangs => return None,
            },
            Op::Publish { queue, next } => return self.publish(id, queue, next),
            Op::Consumed { queue } => self.consumed(id, queue),
            _ => {}
        }
        self.tasks[id].pc = pc + 1;
        Some(id)
    }

    /// Time on the way to a part, and there where it is a system of others.
    fn delay(&mut self, id: u32, delay: u16) -> f64 {
        let (sampler, stretch, is_outside) = self.delays[usize::from(delay)];
        let time = sampler.sample(&mut self.waits) * stretch;
        if is_outside {
            self.tasks[id].outside += time as f32;
        }
        time
    }

    /// A task that let time pass goes on; one that waited before a retry tries again.
    pub(super) fn resume(&mut self, id: u32) {
        let pc = self.tasks[id].pc;
        match self.program.code[pc as usize] {
            Op::Call { call, .. } => {
                if let Some(child) = self.attempt(id, call) {
                    self.advance(child);
                }
            }
            Op::Message { queue, .. } => self.back(id, queue),
            _ => {
                self.tasks[id].pc = pc + 1;
                self.advance(id);
            }
        }
    }

    /// Starts the branches of a fork; says which one goes on first.
    fn fork(&mut self, id: u32, first: u32, branches: u16, need: u16) -> u32 {
        let parent = &mut self.tasks[id];
        parent.epoch = parent.epoch.wrapping_add(1);
        parent.outstanding = branches;
        parent.needed = need;
        let first = first as usize;
        for branch in (first + 1..first + usize::from(branches)).rev() {
            let child = self.spawn(id, self.program.branches[branch], id);
            self.ready.push(child);
        }
        self.spawn(id, self.program.branches[first], id)
    }

    /// Where chance leads.
    fn chosen(&mut self, first: u32, options: u16, next: u32) -> u32 {
        let at = self.routing.random::<f64>();
        let listed = &self.program.options[first as usize..first as usize + usize::from(options)];
        listed.iter().find(|(sum, _)| at < *sum).map_or(next, |option| option.1)
    }

    /// A station of a group.
    fn balanced(&mut self, group: u16, id: u32) -> u16 {
        let group_of = &self.program.groups[usize::from(group)];
        let members = &group_of.stations;
        let count = members.len();
        let load =
            |s: &StationLoad, i: usize| s[usize::from(members[i])].busy + s[usize::from(members[i])].waiting;
        let turn = &mut self.turns[usize::from(group)];
        let place = match group_of.balance {
            Balance::Random => self.routing.random_range(0..count),
            Balance::RoundRobin => {
                *turn = turn.wrapping_add(1);
                *turn as usize % count
            }
            Balance::LeastLoaded => (0..count).min_by_key(|i| load(&self.stations, *i)).unwrap_or(0),
            Balance::TwoChoices => {
                let (a, b) = (self.routing.random_range(0..count), self.routing.random_range(0..count));
                if load(&self.stations, b) < load(&self.stations, a) { b } else { a }
            }
            Balance::RetriesInTurn => {
                let attempt = usize::from(self.tasks[id].attempt);
                if attempt == 0 { self.routing.random_range(0..count) } else { attempt % count }
            }
            Balance::ByKey => self.tasks[id].key as usize % count,
        };
        members[place]
    }

    /// Gives one of a pool back; who waits for it goes on.
    pub(super) fn give_back(&mut self, pool: u16) {
        if let Some(next) = self.pools[usize::from(pool)].give_back(&self.tasks, self.now) {
            self.tasks[next].pc += 1;
            self.ready.push(next);
        }
    }

    /// A task has fetched its key; those who waited for the fetch go on behind it.
    fn fill(&mut self, id: u32, cache: u16, next: u32) {
        let task = &self.tasks[id];
        let cache = &mut self.caches[usize::from(cache)];
        let in_time = task.deadline > self.now || cache.fills_late;
        cache.fill(task.key, in_time, self.now);
        while let Some(waiter) = cache.release(&self.tasks, id) {
            self.tasks[waiter].pc = next;
            self.ready.push(waiter);
        }
    }

    /// A task is done. Says who goes on.
    #[inline]
    fn end(&mut self, id: u32) -> Option<u32> {
        let parent = self.tasks[id].parent;
        match parent {
            ROOT => {
                let (operation, start, source, outside) = {
                    let task = &self.tasks[id];
                    (task.operation, task.start, task.parent_epoch, f64::from(task.outside))
                };
                self.tasks.remove(id);
                let target = self.targets[usize::from(operation)];
                self.records.answered(operation, (start, self.now), outside, target);
                self.think(source);
                None
            }
            NONE => {
                self.tasks.remove(id);
                None
            }
            _ => {
                let epoch = self.tasks[id].parent_epoch;
                self.hand_up(id, parent, epoch);
                self.tasks.remove(id);
                match self.answer(parent, epoch, None) {
                    Answered::GoesOn(parent) => Some(parent),
                    Answered::Fails(parent, cause) => self.fail(parent, cause),
                    Answered::Nothing => None,
                }
            }
        }
    }

    /// A task cannot go on, nor may those who need it. Says who goes on all the same.
    pub(super) fn fail(&mut self, mut id: u32, mut cause: Cause) -> Option<u32> {
        loop {
            self.let_go(id, cause);
            let task = &self.tasks[id];
            let (parent, epoch, operation, start) =
                (task.parent, task.parent_epoch, task.operation, task.start);
            if parent < ROOT {
                self.hand_up(id, parent, epoch);
            }
            self.tasks.remove(id);
            match parent {
                ROOT => {
                    self.records.failed(operation, start, cause);
                    self.think(epoch);
                    return None;
                }
                NONE => return None,
                _ => match self.answer(parent, epoch, Some(cause)) {
                    Answered::GoesOn(parent) => return Some(parent),
                    Answered::Nothing => return None,
                    Answered::Fails(parent, of) => (id, cause) = (parent, of),
                },
            }
        }
    }

    /// What a child spent in systems of others was spent by its parent too.
    #[inline]
    fn hand_up(&mut self, id: u32, parent: u32, epoch: u32) {
        let outside = self.tasks[id].outside;
        if outside > 0.0 && self.tasks.is_current(parent, epoch) {
            let parent = &mut self.tasks[parent];
            parent.outside = parent.outside.max(outside);
        }
    }

    /// Gives back what a failing task holds.
    fn let_go(&mut self, id: u32, cause: Cause) {
        let (first, last) = self.program.held_at[self.tasks[id].pc as usize];
        for i in first..last {
            match self.program.held[i as usize] {
                Held::Pool(pool) => self.give_back(pool),
                Held::Consumer(queue) => self.consumed(id, queue),
                Held::Fetch(cache) => {
                    while let Some(waiter) = self.caches[usize::from(cache)].release(&self.tasks, id) {
                        if let Some(next) = self.fail(waiter, cause) {
                            self.ready.push(next);
                        }
                    }
                }
            }
        }
    }

    /// A child answers its parent.
    #[inline]
    fn answer(&mut self, id: u32, epoch: u32, failure: Option<Cause>) -> Answered {
        if !self.tasks.is_current(id, epoch) {
            return Answered::Nothing;
        }
        let parent = &mut self.tasks[id];
        parent.outstanding -= 1;
        match self.program.code[parent.pc as usize] {
            Op::Fork { next, .. } => {
                if failure.is_none() {
                    parent.needed -= 1;
                }
                if parent.needed == 0 {
                    parent.epoch = parent.epoch.wrapping_add(1);
                    parent.pc = next;
                    return Answered::GoesOn(id);
                }
                match failure {
                    Some(cause) if parent.outstanding < parent.needed => {
                        parent.epoch = parent.epoch.wrapping_add(1);
                        Answered::Fails(id, cause)
                    }
                    _ => Answered::Nothing,
                }
            }
            Op::Call { call, next } => match failure {
                None => {
                    parent.epoch = parent.epoch.wrapping_add(1);
                    parent.pc = next;
                    let of = &self.program.network.calls[usize::from(call)];
                    self.calls[usize::from(call)].succeeded(of, self.now);
                    Answered::GoesOn(id)
                }
                // Another attempt is still out.
                Some(_) if parent.outstanding > 0 => Answered::Nothing,
                Some(cause) => {
                    parent.epoch = parent.epoch.wrapping_add(1);
                    if self.try_again(id, call, cause) {
                        Answered::Nothing
                    } else {
                        Answered::Fails(id, cause)
                    }
                }
            },
            Op::Message { queue, next } => {
                parent.epoch = parent.epoch.wrapping_add(1);
                match failure {
                    None => {
                        parent.pc = next;
                        self.finished(id, queue);
                        Answered::GoesOn(id)
                    }
                    Some(cause) => {
                        let rest = self.program.network.queues[usize::from(queue)].retry_delay;
                        if self.comes_again(id, queue, rest) {
                            Answered::Nothing
                        } else {
                            Answered::Fails(id, cause)
                        }
                    }
                }
            }
            _ => Answered::Nothing,
        }
    }
}

type StationLoad = [super::station::StationState];
