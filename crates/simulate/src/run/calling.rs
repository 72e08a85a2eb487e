//! Attempts, time-outs, retries and hedges.

use super::Engine;
use super::call::{Action, Next, pause};
use super::event::Event;
use crate::outcome::Cause;
use crate::program::Op;

impl Engine<'_> {
    /// A task calls; says which task goes on.
    pub(super) fn begin_call(&mut self, id: u32, call: u16) -> Option<u32> {
        self.tasks[id].attempt = 0;
        self.calls[usize::from(call)].begin(&self.program.network.calls[usize::from(call)]);
        self.attempt(id, call)
    }

    /// An attempt of a call goes out, if nothing forbids it; says which task goes on.
    pub(super) fn attempt(&mut self, id: u32, call: u16) -> Option<u32> {
        let state = &mut self.calls[usize::from(call)];
        // A refusal is not tried again: that is what it is for.
        if !state.admits(self.now, &mut self.jitter) {
            return self.fail(id, Cause::Refused);
        }
        let task = &mut self.tasks[id];
        task.epoch = task.epoch.wrapping_add(1);
        task.outstanding = 0;
        let epoch = task.epoch;
        let timers = [state.timeout_lane, state.hedge_lane];
        for lane in timers.into_iter().flatten() {
            if let Some(due) = self.lanes[lane as usize].set(self.now, id, epoch) {
                self.events.push(due, Event::Timer(lane));
            }
        }
        Some(self.send(id, call))
    }

    /// The task of an attempt.
    fn send(&mut self, id: u32, call: u16) -> u32 {
        let settings = &self.program.network.calls[usize::from(call)];
        self.calls[usize::from(call)].tally.attempts += 1;
        let task = &mut self.tasks[id];
        task.outstanding += 1;
        let (pc, own) = (task.pc + 1, task.deadline);
        if task.parent == super::ROOT {
            self.records.attempt(task.operation, self.now);
        }
        let child = self.spawn(id, pc, id);
        if let Some(timeout) = settings.timeout {
            let due = self.now + timeout;
            self.tasks[child].deadline = if settings.propagates_deadline { due.min(own) } else { due };
        }
        child
    }

    /// After a failed attempt: plans a retry, or says that there is none.
    pub(super) fn try_again(&mut self, id: u32, call: u16, cause: Cause) -> bool {
        let settings = &self.program.network.calls[usize::from(call)];
        let state = &mut self.calls[usize::from(call)];
        state.failed(self.now);
        state.tally.timeouts += u64::from(cause == Cause::TimedOut);
        let task = &mut self.tasks[id];
        if u32::from(task.attempt) >= settings.retries || !state.pays(settings) {
            return false;
        }
        task.attempt += 1;
        let wait = pause(&settings.backoff, task.attempt, &mut self.jitter);
        self.events.push(self.now + wait, Event::Resume(id));
        true
    }

    /// Timers of a lane are due.
    pub(super) fn wake_lane(&mut self, lane: usize) {
        let action = self.lanes[lane].action;
        loop {
            let tasks = &self.tasks;
            match self.lanes[lane].next(self.now, |t| tasks.is_current(t.task, t.epoch)) {
                Next::Nothing => return,
                Next::At(due) => return self.events.push(due, Event::Timer(lane as u32)),
                Next::Due(timer) => match action {
                    Action::TimeOut => self.time_out(timer.task),
                    Action::Hedge => self.hedge(timer.task),
                    Action::Redeliver => self.in_sight(timer.task),
                },
            }
        }
    }

    /// Nobody waits for an attempt any more; what it started goes on.
    fn time_out(&mut self, id: u32) {
        let task = &mut self.tasks[id];
        let Op::Call { call, .. } = self.program.code[task.pc as usize] else { return };
        task.epoch = task.epoch.wrapping_add(1);
        if !self.try_again(id, call, Cause::TimedOut)
            && let Some(next) = self.fail(id, Cause::TimedOut)
        {
            self.ready.push(next);
        }
    }

    /// An attempt takes long: a second one starts beside it.
    fn hedge(&mut self, id: u32) {
        let Op::Call { call, .. } = self.program.code[self.tasks[id].pc as usize] else { return };
        self.calls[usize::from(call)].tally.hedges += 1;
        let child = self.send(id, call);
        // Like a retry, it goes elsewhere where the balance allows.
        self.tasks[child].attempt += 1;
        self.ready.push(child);
    }
}
