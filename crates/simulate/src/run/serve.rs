//! Visits to stations: waiting, being served, being interrupted, leaving.

use super::Engine;
use super::event::Event;
use crate::network::Discipline;
use crate::outcome::Cause;

impl Engine<'_> {
    /// A task visits a station.
    #[inline]
    pub(super) fn visit(&mut self, id: u32, station: u16, sampler: u16) {
        let now = self.now;
        let state = &mut self.stations[usize::from(station)];
        state.catch_up(now);
        state.tally.arrivals += 1;
        let demand = self.program.samplers[usize::from(sampler)].sample(&mut state.stream);
        let task = &mut self.tasks[id];
        task.station = station;
        task.demand = demand;
        task.mark = now;
        match state.discipline {
            Discipline::Sharing => return self.share(id, usize::from(station)),
            Discipline::Preemptive => return self.interrupt(id, usize::from(station)),
            Discipline::Fifo | Discipline::Lifo | Discipline::Priority => {}
        }
        if state.has_room(now) {
            let pace = state.take(task);
            state.tally.begun += 1;
            task.mark = state.paused;
            self.events.push(now + demand * pace, Event::Served(id));
        } else {
            self.wait(id, usize::from(station));
        }
    }

    /// A task joins the queue, unless it is full.
    fn wait(&mut self, id: u32, station: usize) {
        let priority = self.program.network.operations[usize::from(self.tasks[id].operation)].priority;
        let state = &mut self.stations[station];
        if state.is_full(priority) {
            state.tally.turned_away += 1;
            if let Some(next) = self.fail(id, Cause::QueueFull) {
                self.ready.push(next);
            }
            return;
        }
        state.tally.waited += 1;
        state.join(&mut self.tasks, id, priority);
        if state.drops_expired {
            let task = &mut self.tasks[id];
            let by_itself = self.program.patience[station].as_ref();
            let patience = by_itself.map_or(f64::INFINITY, |p| p.sample(&mut state.stream));
            let deadline = if state.drops_late { task.deadline } else { f64::INFINITY };
            task.leaves = deadline.min(self.now + patience);
        }
    }

    /// A visit is served: the next one begins.
    #[inline]
    pub(super) fn served(&mut self, id: u32) {
        let now = self.now;
        let task = &mut self.tasks[id];
        let station = usize::from(task.station);
        let state = &mut self.stations[station];
        if state.paused > task.mark {
            // The station stood still meanwhile.
            let more = state.paused - task.mark;
            task.mark = state.paused;
            return self.events.push(now + more, Event::Served(id));
        }
        task.pc += 1;
        state.catch_up(now);
        state.tally.served += 1;
        state.free(task);
        if state.waiting > 0 {
            self.begin_next(station);
        }
        self.advance(id);
    }

    /// Free servers take what waits.
    #[inline]
    pub(super) fn begin_next(&mut self, station: usize) {
        let now = self.now;
        loop {
            let state = &mut self.stations[station];
            if !state.has_room(now) {
                return;
            }
            let Some(id) = state.next(&self.tasks) else { return };
            let task = &mut self.tasks[id];
            if state.drops_expired && task.leaves <= now {
                state.tally.dropped += 1;
                if let Some(next) = self.fail(id, Cause::Expired) {
                    self.ready.push(next);
                }
                continue;
            }
            state.tally.wait += now - task.mark;
            state.tally.begun += 1;
            let end = now + task.demand * state.take(task);
            if state.discipline == Discipline::Preemptive {
                task.mark = end;
                state.serving.push(id);
                self.events.push(end, Event::Interruptible(id));
            } else {
                task.mark = state.paused;
                self.events.push(end, Event::Served(id));
            }
        }
    }

    /// A visit at a station whose servers are shared begins at once.
    fn share(&mut self, id: u32, station: usize) {
        let priority = self.program.network.operations[usize::from(self.tasks[id].operation)].priority;
        let state = &mut self.stations[station];
        if state.is_crowded(priority) {
            state.tally.turned_away += 1;
            if let Some(next) = self.fail(id, Cause::QueueFull) {
                self.ready.push(next);
            }
            return;
        }
        let demand = self.tasks[id].demand;
        state.shared.catch_up(self.now, state.servers, state.pace);
        state.shared.add(id, demand);
        state.busy += 1;
        state.tally.begun += 1;
        self.plan_shared(station);
    }

    /// The end of the next visit at a shared station, which every coming and going shifts.
    pub(super) fn plan_shared(&mut self, station: usize) {
        let state = &mut self.stations[station];
        if let Some(due) = state.shared.next_due(state.servers, state.pace) {
            self.events.push(due.max(self.now), Event::Shared(station as u32));
        }
    }

    /// A visit at a shared station is served, unless the plan has changed.
    pub(super) fn shared_served(&mut self, station: usize, time: f64) {
        let state = &mut self.stations[station];
        if state.shared.due.to_bits() != time.to_bits() || state.busy == 0 {
            return;
        }
        state.catch_up(time);
        state.shared.catch_up(time, state.servers, state.pace);
        let id = state.shared.take();
        state.busy -= 1;
        state.tally.served += 1;
        self.plan_shared(station);
        self.tasks[id].pc += 1;
        self.advance(id);
    }

    /// A visit at a station where the more important interrupts the less.
    fn interrupt(&mut self, id: u32, station: usize) {
        let now = self.now;
        let priority = |engine: &Self, id: u32| {
            engine.program.network.operations[usize::from(engine.tasks[id].operation)].priority
        };
        let own = priority(self, id);
        if !self.stations[station].has_room(now) {
            let serving = &self.stations[station].serving;
            let least = (0..serving.len()).max_by_key(|i| (priority(self, serving[*i]), *i));
            let victim = least.filter(|i| priority(self, serving[*i]) > own);
            let Some(place) = victim else { return self.wait(id, station) };
            let other = self.stations[station].serving.remove(place);
            let level = priority(self, other);
            let state = &mut self.stations[station];
            let task = &mut self.tasks[other];
            task.demand = (task.mark - now).max(0.0) / state.pace;
            task.mark = now;
            state.busy -= 1;
            state.rejoin(&mut self.tasks, other, level);
        }
        let state = &mut self.stations[station];
        let task = &mut self.tasks[id];
        state.busy += 1;
        state.tally.begun += 1;
        task.mark = now + task.demand * state.pace;
        state.serving.push(id);
        self.events.push(task.mark, Event::Interruptible(id));
    }

    /// A visit that nothing interrupted is served.
    pub(super) fn interruptible_served(&mut self, id: u32, time: f64) {
        let station = usize::from(self.tasks[id].station);
        let state = &mut self.stations[station];
        let place = state.serving.iter().position(|s| *s == id);
        let Some(place) = place.filter(|_| self.tasks[id].mark.to_bits() == time.to_bits()) else { return };
        state.catch_up(time);
        state.serving.swap_remove(place);
        state.busy -= 1;
        state.tally.served += 1;
        self.begin_next(station);
        self.tasks[id].pc += 1;
        self.advance(id);
    }
}
