//! The event list: what happens next.
//!
//! A heap of four children a node over 128-bit keys: time in the upper half, a sequence number and what
//! happens in the lower, so that one comparison orders by time and then by who was scheduled first. Times are
//! seconds as `f64`: bits of positive floats order like the numbers, a run of eleven days still resolves a
//! nanosecond's tenth, and service times need no rounding.

/// What happens, with what it happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A visit of this task is served.
    Served(u32),
    /// A task that let time pass goes on.
    Resume(u32),
    /// A source has a request.
    Arrival(u32),
    /// The next visit at a station that shares its servers is served.
    Shared(u32),
    /// A visit at a station where visits interrupt each other is served, unless it was interrupted.
    Interruptible(u32),
    /// The first timer of a lane is due.
    Timer(u32),
    /// A change of the network.
    Change(u32),
    /// A station's pause is over.
    Awake(u32),
    /// An autoscaler looks.
    Scale(u32),
    /// Servers that an autoscaler asked for are there.
    Started(u32),
    /// A bin of the time series ends.
    Tick,
    /// The warm-up is over.
    Warm,
}

impl Event {
    const fn pack(self) -> u32 {
        match self {
            Self::Served(i) => i << 4,
            Self::Resume(i) => i << 4 | 1,
            Self::Arrival(i) => i << 4 | 2,
            Self::Shared(i) => i << 4 | 3,
            Self::Interruptible(i) => i << 4 | 4,
            Self::Timer(i) => i << 4 | 5,
            Self::Change(i) => i << 4 | 6,
            Self::Awake(i) => i << 4 | 7,
            Self::Scale(i) => i << 4 | 8,
            Self::Started(i) => i << 4 | 9,
            Self::Tick => 10,
            Self::Warm => 11,
        }
    }

    const fn unpack(bits: u32) -> Self {
        let i = bits >> 4;
        match bits & 15 {
            0 => Self::Served(i),
            1 => Self::Resume(i),
            2 => Self::Arrival(i),
            3 => Self::Shared(i),
            4 => Self::Interruptible(i),
            5 => Self::Timer(i),
            6 => Self::Change(i),
            7 => Self::Awake(i),
            8 => Self::Scale(i),
            9 => Self::Started(i),
            10 => Self::Tick,
            _ => Self::Warm,
        }
    }
}

/// Children of a node.
const ARITY: usize = 4;

/// Events by time. Most events schedule another one: the place of the event that was taken last is kept free for
/// it, so that taking and adding cost one walk down the heap.
pub(crate) struct EventList {
    heap: Vec<u128>,
    sequence: u32,
    is_top_free: bool,
}

impl EventList {
    pub(crate) fn new() -> Self {
        Self { heap: Vec::with_capacity(256), sequence: 0, is_top_free: false }
    }

    /// Adds an event at a time that is not negative. After four thousand million events the numbers start again;
    /// only events of the same instant across that point could change their order.
    #[inline]
    pub(crate) fn push(&mut self, time: f64, event: Event) {
        self.sequence = self.sequence.wrapping_add(1);
        let key =
            u128::from(time.to_bits()) << 64 | u128::from(self.sequence) << 32 | u128::from(event.pack());
        if self.is_top_free {
            self.is_top_free = false;
            self.sink(key);
        } else {
            self.heap.push(key);
            self.rise(key);
        }
    }

    /// Takes the earliest event.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(f64, Event)> {
        if self.is_top_free {
            let last = self.heap.pop()?;
            if !self.heap.is_empty() {
                self.sink(last);
            }
        }
        let key = *self.heap.first()?;
        self.is_top_free = true;
        Some((f64::from_bits((key >> 64) as u64), Event::unpack(key as u32)))
    }

    /// Moves a key from the end towards the top.
    fn rise(&mut self, key: u128) {
        let mut place = self.heap.len() - 1;
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[place] = self.heap[parent];
            place = parent;
        }
        self.heap[place] = key;
    }

    /// Puts a key in the free top and moves it down.
    #[inline]
    fn sink(&mut self, key: u128) {
        let heap = self.heap.as_mut_slice();
        let mut place = 0;
        loop {
            let first = place * ARITY + 1;
            let (mut least, mut at) = (key, place);
            if let Some(children) = heap.get(first..first + ARITY) {
                for (i, &child) in children.iter().enumerate() {
                    let is_less = child < least;
                    least = if is_less { child } else { least };
                    at = if is_less { first + i } else { at };
                }
            } else {
                for (i, &child) in heap.iter().enumerate().skip(first) {
                    if child < least {
                        (least, at) = (child, i);
                    }
                }
            }
            if at == place {
                break;
            }
            heap[place] = least;
            place = at;
        }
        if let Some(free) = heap.get_mut(place) {
            *free = key;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, RngExt};

    use super::*;
    use crate::random::stream;

    #[test]
    fn events_come_by_time_and_then_by_turn() {
        let mut random = stream(1, 0, "events");
        let (mut list, mut now, mut inside, mut taken) = (EventList::new(), 0.0, 0_u32, 0_u32);
        let mut last = (-1.0, 0);
        for turn in 0..200_000_u32 {
            if inside == 0 || random.next_u64() & 1 == 0 || turn < 1000 {
                // Few different times, so that many are equal.
                list.push(now + f64::from(random.random_range(0..5_u8)), Event::Served(turn & 0xff_ffff));
                inside += 1;
            } else if let Some((time, Event::Served(by))) = list.pop() {
                assert!(time > last.0 || (time >= last.0 && by > last.1), "{last:?} before {time} {by}");
                last = (time, by);
                now = time;
                inside -= 1;
                taken += 1;
            }
        }
        assert!(taken > 90_000 && list.pop().is_some() == (inside > 0));
    }

    #[test]
    fn every_event_survives_packing() {
        let i = (1 << 28) - 1;
        let all = [
            Event::Served(i),
            Event::Resume(i),
            Event::Arrival(i),
            Event::Shared(i),
            Event::Interruptible(i),
            Event::Timer(i),
            Event::Change(i),
            Event::Awake(i),
            Event::Scale(i),
            Event::Started(i),
            Event::Tick,
            Event::Warm,
        ];
        for event in all {
            assert_eq!(Event::unpack(event.pack()), event);
        }
    }
}
