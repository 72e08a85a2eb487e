//! Reference cases of single stations.

use loadcase_forecast::queue::erlang::{erlang_b, erlang_c};
use loadcase_forecast::queue::{
    Arrivals, Gim1, Lognormal, Md1, Mdc, Means, Mg1, Mgc, Mginf, Mh21, Mm1, Mmc, PriorityClass, Sharing,
    balanced_hyperexponential, batch_mm1, erlang_a, finite_source, mmck, non_preemptive, preemptive_resume,
};

use crate::reference::{Metrics, Params, scalars};

fn of_means(means: Means) -> Metrics {
    scalars([
        ("util", means.utilisation),
        ("L", means.jobs),
        ("Lq", means.queue),
        ("W", means.response),
        ("Wq", means.wait),
    ])
}

fn with<const N: usize>(mut metrics: Metrics, more: [(&'static str, f64); N]) -> Metrics {
    metrics.extend(scalars(more));
    metrics
}

/// The answer to a case, if it is one of these models.
pub(crate) fn answer(_id: &str, model: &str, p: Params<'_>) -> Option<Metrics> {
    Some(match model {
        "M/M/1 FCFS" => mm1(p),
        "M/M/c FCFS" => mmc(p),
        "M/M/1/K" | "M/M/c/K" => bounded(p),
        "Erlang B (M/M/c/c)" => scalars([("p_block", erlang_b(p.f64("c"), p.f64("a")))]),
        "Erlang C" => scalars([("p_wait", erlang_c(p.f64("c"), p.f64("a")))]),
        "M/D/1" => md1(p),
        "M/G/1" | "M/G/1 FCFS" if p.0.get("sigma").is_some() => lognormal(p),
        "M/G/1" | "M/G/1 FCFS" => of_means(Mg1::new(p.f64("lam"), p.f64("es"), p.f64("scv")).means()),
        "M/H2/1" => mh21(p),
        "M/M/1 processor sharing" => sharing(p.f64("lam"), 1.0 / p.f64("mu")),
        "M/G/1 processor sharing" => sharing(p.f64("lam"), p.f64("es")),
        "M/M/1 non-preemptive priority" => priorities(p, non_preemptive),
        "M/M/1 preemptive-resume priority" => priorities(p, preemptive_resume),
        "M/M/c+M (Erlang A)" => abandonment(p),
        "M[X]/M/1, fixed batches" => {
            of_means(batch_mm1(p.f64("batch_rate"), p.f64("batch"), 0.0, 1.0 / p.f64("mu")))
        }
        "D/M/1" => gim1(p, Arrivals::Deterministic),
        "E2/M/1" => gim1(p, Arrivals::Erlang { phases: 2 }),
        "H2/M/1" => h2m1(p),
        "M/G/inf" => {
            let station = Mginf::new(p.f64("lam"), p.f64("es"));
            scalars([("L", station.mean()), ("p0", station.none()), ("p_gt_20", station.more_than(20))])
        }
        "M/M/c//N (load-dependent closed)" => {
            let s = finite_source(p.u32("N"), p.u32("c"), p.f64("think"), p.f64("s"));
            scalars([("X", s.throughput), ("L", s.jobs), ("R", s.response), ("util", s.utilisation)])
        }
        "M/D/c" => {
            let (rate, service) = (p.f64("lam"), p.f64("s"));
            let exact = Mdc::new(rate, service, p.u32("c")).means().wait;
            let approximate = Mgc::new(rate, service, p.f64("c"), 1.0, 0.0).means().wait;
            scalars([("Wq", exact), ("allen_cunneen_Wq", approximate)])
        }
        _ => return None,
    })
}

fn mm1(p: Params<'_>) -> Metrics {
    let station = Mm1::new(p.f64("lam"), 1.0 / p.f64("mu"));
    with(
        of_means(station.means()),
        [
            ("R_p50", station.response_percentile(0.5)),
            ("R_p95", station.response_percentile(0.95)),
            ("R_p99", station.response_percentile(0.99)),
            ("Wq_p95", station.wait_percentile(0.95)),
        ],
    )
}

fn mmc(p: Params<'_>) -> Metrics {
    let station = Mmc::new(p.f64("lam"), 1.0 / p.f64("mu"), p.f64("c"));
    with(
        of_means(station.means()),
        [
            ("p_wait", station.chance_of_waiting()),
            ("R_p50", station.response_percentile(0.5)),
            ("R_p95", station.response_percentile(0.95)),
            ("R_p99", station.response_percentile(0.99)),
            ("Wq_p95", station.wait_percentile(0.95)),
            ("Wq_p99", station.wait_percentile(0.99)),
        ],
    )
}

fn bounded(p: Params<'_>) -> Metrics {
    let s = mmck(p.f64("lam"), 1.0 / p.f64("mu"), p.u32("c"), p.u32("K"));
    scalars([
        ("p_block", s.p_block),
        ("p_empty", s.p_empty),
        ("throughput", s.throughput),
        ("L", s.jobs),
        ("Lq", s.queue),
        ("W", s.response),
        ("Wq", s.wait),
        ("util", s.utilisation),
    ])
}

fn md1(p: Params<'_>) -> Metrics {
    let station = Md1::new(p.f64("lam"), p.f64("s"));
    with(
        of_means(station.means()),
        [
            ("p_wait", station.chance_of_waiting()),
            ("Wq_p95", station.wait_percentile(0.95)),
            ("Wq_p99", station.wait_percentile(0.99)),
            ("P_Wq_le_2", station.wait_cdf(2.0)),
        ],
    )
}

/// Service given by its median and 99th percentile, load by the utilisation.
fn lognormal(p: Params<'_>) -> Metrics {
    let service = Lognormal::from_percentiles(p.f64("median"), 0.99, p.f64("p99"));
    assert!((service.sigma / p.f64("sigma") - 1.0).abs() < 1e-9);
    let rate = p.f64("rho") / service.mean();
    let station = Mg1::new(rate, service.mean(), service.scv());
    with(of_means(station.means()), [("es", service.mean()), ("scv", service.scv())])
}

fn mh21(p: Params<'_>) -> Metrics {
    let (phase, mu1, mu2) = balanced_hyperexponential(p.f64("es"), p.f64("scv"));
    for (got, name) in [(phase, "p"), (mu1, "mu1"), (mu2, "mu2")] {
        assert!((got / p.f64(name) - 1.0).abs() < 1e-9, "{name} is {got}");
    }
    let station = Mh21::new(p.f64("lam"), phase, mu1, mu2);
    with(
        of_means(station.means()),
        [
            ("p_wait", station.wait_tail(0.0)),
            ("Wq_p50", station.wait_percentile(0.5)),
            ("Wq_p95", station.wait_percentile(0.95)),
            ("Wq_p99", station.wait_percentile(0.99)),
        ],
    )
}

fn sharing(rate: f64, service: f64) -> Metrics {
    let station = Sharing::new(rate, service);
    with(
        of_means(station.means()),
        [("slowdown", station.slowdown()), ("cond_W_size_2", station.response_of(2.0))],
    )
}

fn priorities(p: Params<'_>, solve: fn(&[PriorityClass]) -> Vec<Means>) -> Metrics {
    let pairs = p.list("lam").into_iter().zip(p.list("mu"));
    let classes: Vec<_> =
        pairs.map(|(rate, mu)| PriorityClass { rate, service: 1.0 / mu, scv: 1.0 }).collect();
    let means = solve(&classes);
    [("W", means.iter().map(|m| m.response).collect()), ("Wq", means.iter().map(|m| m.wait).collect())].into()
}

fn abandonment(p: Params<'_>) -> Metrics {
    let s = erlang_a(p.f64("lam"), 1.0 / p.f64("mu"), p.u32("c"), 1.0 / p.f64("theta"));
    scalars([
        ("p_wait", s.p_wait),
        ("p_abandon", s.p_abandon),
        ("Lq", s.queue),
        ("throughput", s.throughput),
        ("Wq_all", s.wait),
        ("util", s.utilisation),
    ])
}

fn gim1(p: Params<'_>, arrivals: Arrivals) -> Metrics {
    let station = Gim1::new(p.f64("lam"), arrivals, 1.0 / p.f64("mu"));
    with(
        of_means(station.means()),
        [
            ("sigma", station.chance_of_waiting()),
            ("R_p95", station.response_percentile(0.95)),
            ("R_p99", station.response_percentile(0.99)),
        ],
    )
}

fn h2m1(p: Params<'_>) -> Metrics {
    let (phase, first, second) = balanced_hyperexponential(1.0 / p.f64("lam"), 4.0);
    for (got, name) in [(phase, "p"), (first, "rate1"), (second, "rate2")] {
        assert!((got / p.f64(name) - 1.0).abs() < 1e-9, "{name} is {got}");
    }
    gim1(p, Arrivals::Hyperexponential { p: phase, first, second })
}
