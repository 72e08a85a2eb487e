//! Networks of stations: open ones solved for a whole design in a microsecond, closed ones exactly.
//!
//! [`Network`] is the kernel the search for a design turns on: fixed capacity, no heap, a
//! [`Solution`] for all classes and stations at once.
//!
//! ```ignore
//! let mut network = Network::new();
//! let api = network.add_station(4.0)?;
//! let store = network.add_station(8.0)?;
//! let read = network.add_class(250.0)?;
//! network.set_demand(read, api, Demand { cpu_ms: 3.0, ..Demand::default() });
//! network.set_demand(read, store, Demand { cpu_ms: 1.0, wait_ms: 4.0, visits: 0.2, ..Demand::default() });
//! let p99 = network.solve().classes[read].p99_ms;
//! ```

mod build;
mod closed;
mod flow;
mod layered;
mod mixture;
mod phases;
mod response;
mod settle;
mod shape;
mod solve;
mod tails;

pub use build::{Demand, MAX_CLASSES, MAX_STATIONS, Network, NetworkOf, Station, WideNetwork};
pub use closed::{
    Bounds, ClosedClass, ClosedSolution, Cycle, asymptotic_bounds, exact_mva, exact_mva_classes,
    schweitzer_bard,
};
pub use layered::{Layered, LayeredOf};
pub use phases::Phases;
pub use response::{Response, mixture_percentile};
pub use solve::{ClassResult, Solution, SolutionOf, StationResult};
pub use tails::{Queues, Tail};
