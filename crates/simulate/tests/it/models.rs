//! Networks that tests and benches share.

use loadcase_simulate::{Arrivals, Distribution, Network, Operation, Source, Station, Step};

pub(crate) fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential(mean)
}

/// An operation of these steps, asked for by a Poisson process.
pub(crate) fn asked(network: &mut Network, rate: f64, steps: Vec<Step>) {
    asked_as(network, Arrivals::poisson(rate), steps);
}

/// An operation of these steps with these arrivals.
pub(crate) fn asked_as(network: &mut Network, arrivals: Arrivals, steps: Vec<Step>) {
    let operation = network.operations.len();
    network.operations.push(Operation::new(&format!("operation {operation}"), steps));
    network.sources.push(Source { operation, arrivals });
}

/// One station with Poisson arrivals.
pub(crate) fn single(rate: f64, servers: u32, demand: Distribution) -> Network {
    let mut network = Network { stations: vec![Station::new("station", servers)], ..Network::default() };
    asked(&mut network, rate, vec![Step::visit(0, demand)]);
    network
}

/// Stations of one server each, one after the other.
pub(crate) fn tandem(rate: f64, means: &[f64]) -> Network {
    let stations = (0..means.len()).map(|i| Station::new(&format!("station {i}"), 1)).collect();
    let mut network = Network { stations, ..Network::default() };
    asked(
        &mut network,
        rate,
        means.iter().enumerate().map(|(i, m)| Step::visit(i, exponential(*m))).collect(),
    );
    network
}

/// Ten services of two workers each: a gateway asks A, B and C side by side; A asks D and E side by side, B asks
/// F and then G, C asks H and one time in five then I. 9.2 visits a request.
pub(crate) fn ten_services(rate: f64) -> Network {
    let names = ["gateway", "A", "B", "C", "D", "E", "F", "G", "H", "I"];
    let stations = names.iter().map(|n| Station::new(n, 2)).collect();
    let mut network = Network { stations, ..Network::default() };
    let visit = |name: &str| {
        Step::visit(names.iter().position(|n| *n == name).expect("one of the ten"), exponential(1.0))
    };
    let fork = |branches: Vec<Vec<Step>>| Step::Fork { need: branches.len(), branches };
    let a = vec![visit("A"), fork(vec![vec![visit("D")], vec![visit("E")]])];
    let b = vec![visit("B"), visit("F"), visit("G")];
    let c = vec![visit("C"), visit("H"), Step::Choose(vec![(0.2, vec![visit("I")])])];
    asked(&mut network, rate, vec![visit("gateway"), fork(vec![a, b, c])]);
    network
}
