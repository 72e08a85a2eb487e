//! Tasks: threads of control of requests, in a slab with a list of free places, and lists of waiting ones.

/// No task.
pub(crate) const NONE: u32 = u32::MAX;
/// The parent of a request.
pub(crate) const ROOT: u32 = u32::MAX - 1;

/// A thread of control: a request, a branch of it, an attempt, or work that goes on by itself.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// When the request came, seconds.
    pub(crate) start: f64,
    /// When whoever waits gives up, seconds.
    pub(crate) deadline: f64,
    /// When it joined a queue; of one that is served, the pauses of the station so far, or when it is due.
    pub(crate) mark: f64,
    /// What is left to be served of the visit, seconds at full speed.
    pub(crate) demand: f64,
    /// When it leaves a queue without being served, seconds.
    pub(crate) leaves: f64,
    /// The instruction it is at.
    pub(crate) pc: u32,
    /// Goes up whenever answers and timers of before no longer count.
    pub(crate) epoch: u32,
    /// Who waits for it: a task, [`ROOT`] or [`NONE`].
    pub(crate) parent: u32,
    /// The parent's epoch that its answer counts in; of a request, its source.
    pub(crate) parent_epoch: u32,
    /// The next one in a queue or in the list of free places.
    pub(crate) next: u32,
    /// The key the request asks for.
    pub(crate) key: u32,
    pub(crate) operation: u16,
    /// The station it visits.
    pub(crate) station: u16,
    /// Children that have not answered.
    pub(crate) outstanding: u16,
    /// Children that still have to succeed.
    pub(crate) needed: u16,
    /// Retries so far; of a message, deliveries.
    pub(crate) attempt: u16,
    /// The consumer that works on it, or the copy that it reads from.
    pub(crate) part: u16,
    /// Whether a slow server serves it.
    pub(crate) is_slow: bool,
    /// Seconds that the request has spent in systems of others so far.
    pub(crate) outside: f32,
}

/// All tasks.
pub(crate) struct Tasks {
    slab: Vec<Task>,
    free: u32,
    /// Tasks that are alive.
    pub(crate) alive: u32,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self { slab: Vec::with_capacity(64), free: NONE, alive: 0 }
    }

    /// Puts a task in a free place; epochs of a place go on from one task to the next.
    #[inline]
    pub(crate) fn add(&mut self, task: Task) -> u32 {
        self.alive += 1;
        let place = self.free;
        if let Some(old) = self.slab.get_mut(place as usize) {
            self.free = old.next;
            let epoch = old.epoch;
            *old = Task { epoch, ..task };
            return place;
        }
        self.slab.push(task);
        (self.slab.len() - 1) as u32
    }

    #[inline]
    pub(crate) fn remove(&mut self, id: u32) {
        self.alive -= 1;
        let free = self.free;
        let task = &mut self[id];
        task.epoch = task.epoch.wrapping_add(1);
        task.next = free;
        self.free = id;
    }

    /// Whether an epoch of a task still counts.
    #[inline]
    pub(crate) fn is_current(&self, id: u32, epoch: u32) -> bool {
        self.slab.get(id as usize).is_some_and(|t| t.epoch == epoch)
    }
}

impl std::ops::Index<u32> for Tasks {
    type Output = Task;

    #[inline]
    fn index(&self, id: u32) -> &Task {
        &self.slab[id as usize]
    }
}

impl std::ops::IndexMut<u32> for Tasks {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut Task {
        &mut self.slab[id as usize]
    }
}

/// Tasks that wait, linked through themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    head: u32,
    tail: u32,
}

impl Line {
    pub(crate) const EMPTY: Self = Self { head: NONE, tail: NONE };

    pub(crate) const fn is_empty(&self) -> bool {
        self.head == NONE
    }

    #[inline]
    pub(crate) fn push_back(&mut self, tasks: &mut Tasks, id: u32) {
        tasks[id].next = NONE;
        if self.head == NONE {
            self.head = id;
        } else {
            tasks[self.tail].next = id;
        }
        self.tail = id;
    }

    pub(crate) fn push_front(&mut self, tasks: &mut Tasks, id: u32) {
        tasks[id].next = self.head;
        if self.head == NONE {
            self.tail = id;
        }
        self.head = id;
    }

    #[inline]
    pub(crate) fn pop(&mut self, tasks: &Tasks) -> Option<u32> {
        let id = self.head;
        if id == NONE {
            return None;
        }
        self.head = tasks[id].next;
        Some(id)
    }
}
