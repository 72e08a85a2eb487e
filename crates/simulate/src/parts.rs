//! Parts between the stations: queues of messages, copies that lag behind, links that can be cut.

use crate::distribution::Distribution;

/// A queue of messages and those who consume them. A message is delivered at least once: what is not finished
/// within `visibility` is delivered again, while the first consumer goes on with it all the same.
#[derive(Clone, Debug)]
pub struct Queue {
    /// What it is called.
    pub name: String,
    /// Consumers; each works on one message at a time.
    pub consumers: u32,
    /// Messages that a consumer takes at once and has not finished; at least one.
    pub prefetch: u32,
    /// How long after its delivery a message that is not finished is delivered again, seconds; absent means never.
    pub visibility: Option<f64>,
    /// How long a message whose consumer failed rests before it is delivered again, seconds.
    pub retry_delay: f64,
    /// Deliveries of a message after which it is put aside as a dead letter; absent means any number.
    pub max_receives: Option<u32>,
    /// Messages that may wait to be delivered, at least one; absent means any number.
    pub capacity: Option<u32>,
    /// Whether a publisher waits for room in a full queue (back-pressure) or is turned away.
    pub holds_publishers: bool,
}

impl Queue {
    /// A queue of any length whose consumers take one message at a time and finish it.
    #[must_use]
    pub fn new(name: &str, consumers: u32) -> Self {
        Self {
            name: name.to_owned(),
            consumers,
            prefetch: 1,
            visibility: None,
            retry_delay: 0.0,
            max_receives: None,
            capacity: None,
            holds_publishers: false,
        }
    }
}

/// Copies of a store that answer reads and apply its writes later: a read of a key whose last write a copy has
/// not applied is stale.
#[derive(Clone, Debug)]
pub struct Replicas {
    /// What they are called.
    pub name: String,
    /// The station of the leader, which reads fall back to.
    pub leader: usize,
    /// The stations of the copies.
    pub copies: Vec<usize>,
    /// Number of different keys.
    pub keys: u32,
    /// How long a write is on its way to a copy, seconds.
    pub delay: Distribution,
    /// What applying a write asks of a copy, seconds.
    pub apply: Distribution,
    /// After a write, how long reads of its key go to the leader, seconds (read your writes).
    pub pin: Option<f64>,
}

/// What a link does with what is sent over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// It carries it.
    #[default]
    Up,
    /// It refuses it at once.
    Fails,
    /// It answers nothing until it carries again; who has given up by then is not sent any more.
    Hangs,
}
