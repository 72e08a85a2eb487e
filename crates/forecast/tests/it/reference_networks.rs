//! Reference cases of networks, open, closed and forked.

use loadcase_forecast::network::{
    ClosedClass, Cycle, Demand, Network, Response, asymptotic_bounds, exact_mva, exact_mva_classes,
    schweitzer_bard,
};
use loadcase_forecast::queue::{
    Mm1, Mmc, fan_out_tail, fork_join_2, fork_join_nelson_tantawi, max_exponential_mean,
    max_exponential_quantile, max_exponential_square, split_merge,
};

use crate::reference::{Metrics, Params, scalars};

/// The answer to a case, if it is one of these models.
pub(crate) fn answer(id: &str, model: &str, p: Params<'_>) -> Option<Metrics> {
    Some(match model {
        "open tandem of M/M/1" => tandem(p),
        "M/M/1 with Bernoulli feedback" => feedback(p),
        "open Jackson network, central server" => central_server(p),
        "open Jackson network of M/M/c" => three_tiers(p),
        "closed single class, exact MVA" => closed(p),
        "closed two classes, exact MVA" | "closed three classes, exact MVA" => closed_classes(p),
        "split-merge, fan-out without queueing" => largest(p),
        "fan-out tail" => scalars([("p_request_slow", fan_out_tail(p.u32("k"), p.f64("p_slow")))]),
        "split-merge M/G/1 with 2 servers" => blocking_gather(p),
        "saturation of a 3-station path" => saturation(p),
        _ if model.starts_with("fork-join, ") => fork_join(p),
        _ if id == "graph10" => graph10(p),
        _ => return None,
    })
}

/// Rates and times of the cases in seconds, of the kernel in milliseconds.
fn station(network: &mut Network, class: usize, servers: f64, visits: f64, service_s: f64) {
    let station = network.add_station(servers).unwrap();
    network.set_demand(class, station, Demand { cpu_ms: service_s * 1e3, visits, ..Demand::default() });
}

fn tandem(p: Params<'_>) -> Metrics {
    let mut network = Network::new();
    let class = network.add_class(p.f64("lam")).unwrap();
    for mu in p.0["mu"].as_array().unwrap() {
        station(&mut network, class, 1.0, 1.0, 1.0 / mu.as_f64().unwrap());
    }
    let exact = network.exact_response(class).unwrap();
    let kernel = network.solve().classes[class];
    assert!((kernel.mean_ms / exact.mean_ms - 1.0).abs() < 1e-12);
    assert!((kernel.p99_ms / exact.p99_ms - 1.0).abs() < 0.02, "{} for {}", kernel.p99_ms, exact.p99_ms);
    scalars([
        ("W", kernel.mean_ms * 1e-3),
        ("L", p.f64("lam") * kernel.mean_ms * 1e-3),
        ("R_p50", exact.p50_ms * 1e-3),
        ("R_p95", exact.p95_ms * 1e-3),
        ("R_p99", exact.p99_ms * 1e-3),
    ])
}

fn feedback(p: Params<'_>) -> Metrics {
    let mut network = Network::new();
    let class = network.add_class(p.f64("lam")).unwrap();
    station(&mut network, class, 1.0, 1.0, 1.0 / p.f64("mu"));
    network.set_attempts(class, 0, 1.0 / (1.0 - p.f64("p_return")));
    let solution = network.solve();
    let response = solution.classes[class].mean_ms * 1e-3;
    let utilisation = solution.stations[0].utilisation;
    scalars([("util", utilisation), ("W", response), ("L", p.f64("lam") * response)])
}

fn central_server(p: Params<'_>) -> Metrics {
    let mut network = Network::new();
    let class = network.add_class(p.f64("lam")).unwrap();
    let (visits, service) = (p.list("visits"), p.list("service"));
    for (visits, service) in visits.iter().zip(&service) {
        station(&mut network, class, 1.0, *visits, *service);
    }
    let solution = network.solve();
    let stay = |i: usize| visits[i] * (solution.stations[i].wait_ms * 1e-3 + service[i]);
    [
        ("util", (0..3).map(|i| solution.stations[i].utilisation).collect()),
        ("R_station_total", (0..3).map(stay).collect()),
        ("W", vec![solution.classes[class].mean_ms * 1e-3]),
        ("saturation", vec![solution.saturation_factor * p.f64("lam")]),
    ]
    .into()
}

fn three_tiers(p: Params<'_>) -> Metrics {
    let mut network = Network::new();
    let class = network.add_class(p.f64("lam")).unwrap();
    let stations: Vec<Params<'_>> = p.0["stations"].as_array().unwrap().iter().map(Params).collect();
    for tier in &stations {
        station(&mut network, class, tier.f64("c"), tier.f64("visits"), 1.0 / tier.f64("mu"));
    }
    let solution = network.solve();
    let stay = |(i, tier): (usize, &Params<'_>)| solution.stations[i].wait_ms * 1e-3 + 1.0 / tier.f64("mu");
    [
        ("R_visit", stations.iter().enumerate().map(stay).collect()),
        ("W", vec![solution.classes[class].mean_ms * 1e-3]),
        ("util", (0..3).map(|i| solution.stations[i].utilisation).collect()),
    ]
    .into()
}

fn closed(p: Params<'_>) -> Metrics {
    let demands = p.list("demands");
    let mut queues = vec![0.0; demands.len()];
    let cycle = exact_mva(&demands, p.u32("N"), p.f64("Z"), &mut queues);
    let bounds = asymptotic_bounds(&demands, p.f64("Z"));
    approximately(&[ClosedClass { demands: &demands, jobs: p.u32("N"), think: p.f64("Z") }], &[cycle]);
    [
        ("X", vec![cycle.throughput]),
        ("R", vec![cycle.response]),
        ("Q", queues),
        ("asymptote_X", vec![bounds.throughput]),
        ("knee_N", vec![bounds.knee]),
    ]
    .into()
}

fn closed_classes(p: Params<'_>) -> Metrics {
    let (demands, jobs, think) = (p.lists("demands"), p.list("N"), p.list("Z"));
    let classes: Vec<_> = (0..jobs.len())
        .map(|i| ClosedClass { demands: &demands[i], jobs: jobs[i] as u32, think: think[i] })
        .collect();
    let solution = exact_mva_classes(&classes).unwrap();
    approximately(&classes, &solution.classes);
    [
        ("X", solution.classes.iter().map(|class| class.throughput).collect()),
        ("R", solution.classes.iter().map(|class| class.response).collect()),
        ("Q", solution.queues),
    ]
    .into()
}

/// Schweitzer and Bard stay within the error they are documented with.
fn approximately(classes: &[ClosedClass<'_>], exact: &[Cycle]) {
    for (quick, exact) in schweitzer_bard(classes).classes.iter().zip(exact) {
        let errors = [quick.throughput / exact.throughput - 1.0, quick.response / exact.response - 1.0];
        assert!(errors[0].abs() < 0.055 && errors[1].abs() < 0.083, "{errors:?}");
    }
}

fn fork_join(p: Params<'_>) -> Metrics {
    let (rate, service, k) = (p.f64("lam"), 1.0 / p.f64("mu"), p.u32("k"));
    let response =
        if k == 2 { fork_join_2(rate, service) } else { fork_join_nelson_tantawi(rate, service, k) };
    scalars([("W", response), ("mm1_W", Mm1::new(rate, service).means().response)])
}

fn largest(p: Params<'_>) -> Metrics {
    let (k, mean) = (p.u32("k"), p.f64("mean"));
    scalars([
        ("mean", max_exponential_mean(k, mean)),
        ("p50", max_exponential_quantile(k, mean, 0.5)),
        ("p95", max_exponential_quantile(k, mean, 0.95)),
        ("p99", max_exponential_quantile(k, mean, 0.99)),
    ])
}

fn blocking_gather(p: Params<'_>) -> Metrics {
    let (service, k) = (1.0 / p.f64("mu"), p.u32("k"));
    scalars([
        ("es", max_exponential_mean(k, service)),
        ("es2", max_exponential_square(k, service)),
        ("W", split_merge(p.f64("lam"), service, k)),
    ])
}

fn saturation(p: Params<'_>) -> Metrics {
    let mut network = Network::new();
    let class = network.add_class(1.0).unwrap();
    for (demand_ms, servers) in p.list("demand_ms").iter().zip(p.list("servers")) {
        station(&mut network, class, servers, 1.0, demand_ms * 1e-3);
    }
    let solution = network.solve();
    assert_eq!(solution.bottleneck, 2);
    scalars([("max_rps", solution.saturation_factor)])
}

/// Ten M/M/2 services: gw -> {A, B, C}; A -> {D, E}; B -> F -> G; C -> H and, in a fifth of the
/// cases, I after it. Branches as if independent.
fn graph10(p: Params<'_>) -> Metrics {
    let (rate, service) = (p.f64("lam"), 1.0 / p.f64("mu"));
    let visit = |share: f64| {
        let queue = Mmc::new(rate * share, service, p.f64("c"));
        Response::new(0.0, queue.means().response, queue.wait_variance() + service * service)
    };
    let one = visit(1.0);
    let a = one.then(Response::all_of(&[one, one]));
    let b = one.then(one).then(one);
    let c = one.then(Response::all_of(&[one, visit(0.2).perhaps(0.2)]));
    let all = one.then(Response::all_of(&[a, b, c]));
    scalars([
        ("W", all.mean),
        ("R_p50", all.percentile(0.5)),
        ("R_p95", all.percentile(0.95)),
        ("R_p99", all.percentile(0.99)),
    ])
}
