//! No formula gives NaN, a panic or a negative time, whatever it is given.

use loadcase_forecast::availability::{
    Structure, alternating, downtime_hours_per_month, k_of_n, parallel, series, shared_repair,
};
use loadcase_forecast::cache::{lru, lru_exact, lru_zipf, ttl_zipf, working_set};
use loadcase_forecast::network::{
    ClosedClass, Phases, Response, asymptotic_bounds, exact_mva, exact_mva_classes, mixture_percentile,
    schweitzer_bard,
};
use loadcase_forecast::queue::{
    Arrivals, Gim1, Lognormal, Md1, Mdc, Means, Mg1, Mgc, Mginf, Mh21, Mm1, Mmc, PriorityClass, Sharing,
    balanced_hyperexponential, batch_mm1, erlang_a, fan_out_tail, finite_source, fork_join_2,
    fork_join_nelson_tantawi, max_exponential_mean, max_exponential_quantile, max_exponential_square, mmck,
    non_preemptive, preemptive_resume, split_merge,
};
use loadcase_forecast::resilience::{
    RetryStation, adaptive_throttling, amplification, attempts, attempts_with_budget, failure_after_retries,
    goodput, retry_fixed_point,
};
use proptest::prelude::*;

use crate::properties::{anything, repeatable};

/// All of them are numbers, none below 0.
fn sound(what: &str, values: impl IntoIterator<Item = f64>) -> Result<(), TestCaseError> {
    for (i, value) in values.into_iter().enumerate() {
        prop_assert!(value >= 0.0, "{what}: number {i} is {value}");
    }
    Ok(())
}

fn of_means(m: Means) -> [f64; 5] {
    [m.utilisation, m.jobs, m.queue, m.response, m.wait]
}

/// Little's law and the utilisation law, where everything is finite and not lost in rounding.
fn lawful(what: &str, m: Means, rate: f64, service: f64) -> Result<(), TestCaseError> {
    sound(what, of_means(m))?;
    if m.response.is_finite() && (1e-6..1e6).contains(&rate) && (1e-6..1e6).contains(&service) {
        prop_assert!((m.jobs - rate * m.response).abs() <= 1e-9 * m.jobs, "{what}: {m:?}");
        prop_assert!((m.queue - rate * m.wait).abs() <= 1e-9 * m.jobs, "{what}: {m:?}");
        prop_assert!((m.response - m.wait - service).abs() <= 1e-9 * m.response, "{what}: {m:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(repeatable())]

    #[test]
    fn single_servers(rate in anything(), service in anything(), scv in anything(), p in anything(), n in any::<u32>()) {
        let mm1 = Mm1::new(rate, service);
        lawful("M/M/1", mm1.means(), rate, service)?;
        sound("M/M/1", [mm1.response_percentile(p), mm1.wait_percentile(p)])?;
        let md1 = Md1::new(rate, service);
        lawful("M/D/1", md1.means(), rate, service)?;
        sound("M/D/1", [md1.wait_cdf(scv), md1.wait_percentile(p), md1.chance_of_waiting()])?;
        let mg1 = Mg1::new(rate, service, scv);
        lawful("M/G/1", mg1.means(), rate, service)?;
        sound("M/G/1", [mg1.wait_variance(p), mg1.wait_variance(mg1.gamma_third_moment())])?;
        let mh21 = Mh21::new(rate, p, service, scv);
        sound("M/H2/1", of_means(mh21.means()))?;
        sound("M/H2/1", [mh21.wait_percentile(p), mh21.wait_percentile(0.99), mh21.wait_tail(scv)])?;
        for arrivals in [
            Arrivals::Deterministic,
            Arrivals::Erlang { phases: n },
            Arrivals::Hyperexponential { p, first: scv, second: service },
        ] {
            let gim1 = Gim1::new(rate, arrivals, service);
            lawful("GI/M/1", gim1.means(), rate, service)?;
            sound("GI/M/1", [gim1.response_percentile(p), gim1.chance_of_waiting()])?;
        }
        let sharing = Sharing::new(rate, service);
        lawful("processor sharing", sharing.means(), rate, service)?;
        sound("processor sharing", [sharing.slowdown(), sharing.response_of(scv)])?;
        sound("batches", of_means(batch_mm1(rate, scv, p, service)))?;
        let classes = [(rate, service, scv), (p, scv, rate), (1.0, 0.1, 1.0)]
            .map(|(rate, service, scv)| PriorityClass { rate, service, scv });
        for means in non_preemptive(&classes).into_iter().chain(preemptive_resume(&classes)) {
            sound("priorities", of_means(means))?;
        }
    }

    #[test]
    fn many_servers(
        rate in anything(), service in anything(), servers in anything(), scv in anything(), p in anything(),
        c in 0..200_u32, places in 0..5000_u32,
    ) {
        let mmc = Mmc::new(rate, service, servers);
        lawful("M/M/c", mmc.means(), rate, service)?;
        sound("M/M/c", [
            mmc.response_percentile(p), mmc.wait_percentile(p), mmc.response_tail(scv), mmc.wait_tail(scv),
            mmc.wait_variance(), mmc.chance_of_waiting(),
        ])?;
        let mgc = Mgc::new(rate, service, servers, scv, p);
        lawful("GI/G/c", mgc.means(), rate, service)?;
        sound("GI/G/c", [mgc.wait_percentile(p), mgc.chance_of_waiting()])?;
        let mdc = Mdc::new(rate, service, c);
        lawful("M/D/c", mdc.means(), rate, service)?;
        sound("M/D/c", [mdc.chance_of_waiting()])?;
        let limited = mmck(rate, service, c, places);
        sound("M/M/c/K", [
            limited.p_block, limited.p_empty, limited.throughput, limited.jobs, limited.queue,
            limited.response, limited.wait, limited.utilisation,
        ])?;
        prop_assert!(limited.utilisation <= 1.0 + 1e-12 && limited.p_block <= 1.0);
        let source = finite_source(places, c, rate, service);
        sound("finite source", [source.throughput, source.jobs, source.response, source.utilisation])?;
        let endless = Mginf::new(rate, service);
        sound("M/G/inf", [endless.mean(), endless.none(), endless.more_than(c)])?;
    }

    #[test]
    fn closed_networks(
        demands in prop::collection::vec(anything(), 0..4), think in anything(), jobs in 0..30_u32, other in 0..30_u32,
    ) {
        let mut queues = vec![0.0; demands.len()];
        let cycle = exact_mva(&demands, jobs, think, &mut queues);
        sound("MVA", queues.into_iter().chain([cycle.throughput, cycle.response]))?;
        let bounds = asymptotic_bounds(&demands, think);
        sound("bounds", [bounds.throughput, bounds.knee])?;
        let classes = [
            ClosedClass { demands: &demands, jobs, think },
            ClosedClass { demands: &demands, jobs: other, think: 1.0 },
        ];
        let exact = exact_mva_classes(&classes).unwrap();
        for solution in [exact, schweitzer_bard(&classes)] {
            sound("classes", solution.queues)?;
            sound("classes", solution.classes.into_iter().flat_map(|c| [c.throughput, c.response]))?;
        }
    }

    #[test]
    fn fans_and_sums(rate in anything(), service in anything(), p in anything(), k in any::<u32>(), few in 0..8_u32) {
        sound("fork-join", [
            fork_join_2(rate, service), split_merge(rate, service, few), max_exponential_mean(k, service),
            max_exponential_square(k, service), max_exponential_quantile(k, service, p), fan_out_tail(k, p),
        ])?;
        sound("fork-join", [fork_join_nelson_tantawi(rate, service, few)])?;
        let parts = [Response::new(rate, service, p), Response::new(p, rate, service), Response::new(1.0, 2.0, 3.0)];
        let all = Response::all_of(&parts);
        let chain = parts[0].then(parts[1].perhaps(p)).then(all);
        sound("responses", [all.mean, all.variance, all.percentile(p), chain.percentile(0.99), chain.tail(rate)])?;
        sound("mixture", [mixture_percentile(&[(rate, parts[0]), (service, parts[1]), (p, parts[2])], p)])?;
        let mut phases = Phases::default();
        for (chance, mean) in [(p, rate), (1.0, service), (0.3, p)] {
            phases.push(chance, mean);
        }
        sound("phases", [phases.mean(), phases.variance(), phases.tail(rate), phases.percentile(p)])?;
        let lognormal = Lognormal::from_percentiles(rate, p, service);
        let (chance, first, second) = balanced_hyperexponential(rate, service);
        sound("service", [lognormal.mean(), lognormal.scv(), chance, first, second])?;
    }

    #[test]
    fn resilience(x in anything(), y in anything(), z in anything(), n in any::<u32>()) {
        sound("retries", [
            attempts(x, n), failure_after_retries(x, n), goodput(x, n), amplification(x, n, n),
            attempts_with_budget(x, n, y),
        ])?;
        let throttled = adaptive_throttling(x, y, z);
        sound("throttling", [throttled.p_reject_local, throttled.backend_load])?;
        let found = retry_fixed_point(RetryStation { rate: x, service: y, servers: z, timeout: x, retries: n });
        let loads = [found.stable_load, found.unstable_load, found.p_timeout_at_stable];
        sound("fixed point", loads.into_iter().flatten().chain([found.saturated_load]))?;
    }

    #[test]
    fn availability(x in anything(), y in anything(), n in 0..50_u32, k in 0..60_u32) {
        let repair = shared_repair(n, k, x, y);
        let parts = (0..3).map(Structure::Component).collect::<Vec<_>>();
        let structure = Structure::All(vec![
            Structure::Any(parts.clone()),
            Structure::AtLeast { needed: k as usize, of: parts },
            Structure::Component(9),
        ]);
        for value in [
            alternating(x, y), series([x, y]), parallel([x, y]), k_of_n(n, k, x), repair.all_up, repair.down,
            repair.availability, structure.availability(&[x, y, 0.5]),
        ] {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{value}");
        }
        sound("downtime", [downtime_hours_per_month(x)])?;
        prop_assert!(structure.weakest(&[x, y, 0.5]).is_none_or(|(index, gain)| index < 3 && gain > 0.0));
    }

    #[test]
    fn caches(
        weights in prop::collection::vec(anything(), 0..8), x in anything(), y in anything(), z in anything(),
        size in 0..10_usize,
    ) {
        for value in [
            lru(&weights, x).ratio, lru_zipf(x, y, z).ratio, ttl_zipf(x, y, z, x), working_set(x, y, z, x),
            lru_exact(&weights, size).unwrap(),
        ] {
            prop_assert!((0.0..=1.0).contains(&value), "{value}");
        }
        sound("characteristic time", [lru(&weights, x).characteristic_time, lru_zipf(x, y, z).characteristic_time])?;
    }
}

/// Chains too long to walk fall back to their limits, quickly.
#[test]
fn endless_chains_end() {
    let patient = erlang_a(2.0, 1.0, 1, 1e15);
    assert!((patient.p_abandon - 0.5).abs() < 1e-6, "{patient:?}");
    let wide = mmck(2.0, 1.0, 1, u32::MAX);
    assert!((wide.p_block - 0.5).abs() < 1e-9, "{wide:?}");
}
