//! `deploy/pgbouncer/`: a connection pooler, where the design has one or the callers want more connections than
//! the store takes.

use loadcase_model::{ComponentKind, Id};

use super::links::{Link, connections};
use super::plan::{Part, Plan, whole};
use crate::Deliverable;

/// Copies of a process may be multiplied so far under load, as the scalers of the platforms have it.
const MOST_GROWTH: u32 = 3;

/// The pooler's files: none where every caller's own pool is enough.
pub(crate) fn files(plan: &Plan<'_>) -> Vec<Deliverable> {
    let speaks = |p: &&Part<'_>| {
        p.component.kind == ComponentKind::Store
            && p.component.technology.as_ref().is_some_and(|t| plan.view.catalog.speaks(t, "postgresql"))
    };
    let stores: Vec<&Part<'_>> = plan.parts.iter().filter(speaks).collect();
    let has_pooler = plan.parts.iter().any(|p| p.component.kind == ComponentKind::Pooler);
    let pooled: Vec<&Part<'_>> = stores
        .into_iter()
        .filter(|s| has_pooler || connections(&plan.view, &plan.links, s).needs_pooler())
        .collect();
    if pooled.is_empty() {
        return Vec::new();
    }
    if is_one(plan) {
        return vec![Deliverable {
            path: "deploy/pgbouncer/pgbouncer.ini".to_owned(),
            text: ini(plan, &pooled, None),
        }];
    }
    let file = |caller: &Part<'_>| Deliverable {
        path: format!("deploy/pgbouncer/{}.ini", caller.label),
        text: ini(plan, &pooled, Some(caller)),
    };
    callers(plan).map(file).collect()
}

/// Whether one pooler stands before the store; elsewhere one runs beside each copy of a process.
pub(crate) fn is_one(plan: &Plan<'_>) -> bool {
    plan.runs_on("kubernetes")
}

/// The processes that ask a relational store.
fn callers<'p, 'a>(plan: &'p Plan<'a>) -> impl Iterator<Item = &'p Part<'a>> {
    plan.own().filter(|p| super::compose::database(plan, p).is_some())
}

/// The text of the pooler's settings, for the part that is one.
pub(crate) fn settings(plan: &Plan<'_>, part: &Part<'_>) -> Option<String> {
    (part.component.kind == ComponentKind::Pooler).then(|| files(plan).into_iter().next())?.map(|f| f.text)
}

/// Connections a pooler holds to a store, and those it takes from callers.
struct Sizes {
    server: u32,
    reserve: u32,
    clients: u32,
}

/// What is in flight and three standard deviations of it, as Poisson numbers have them.
fn with_swings(in_flight: f64, least: u32, most: u32) -> u32 {
    whole(in_flight + 3.0 * in_flight.sqrt(), least, most)
}

/// The sizes of one pooler for all callers.
///
/// In transaction mode a connection is held by a statement's work, not by a caller: what is in flight of all callers
/// together is enough.
fn of_all(plan: &Plan<'_>, store: &Part<'_>) -> Sizes {
    let in_flight: f64 = plan.links.iter().filter(|l| l.flow.to == *store.id).map(in_flight).sum();
    let server = with_swings(in_flight, 5, limit(plan, store).max(5));
    let to_it = plan.links.iter().filter(|l| l.flow.to == *store.id || is_pooler(plan, &l.flow.to));
    let clients = to_it.map(|l| l.pool.each.saturating_mul(l.pool.copies + 1)).fold(0, u32::saturating_add);
    // Releases, and copies that are added under load, come with connections of their own.
    let clients = clients.max(server).saturating_mul(MOST_GROWTH);
    Sizes { server, reserve: server.div_ceil(5), clients }
}

/// The sizes of the pooler beside one copy of a caller: what that copy keeps in flight, and its swings. Where all
/// callers at their most copies would open more than the store takes, each has its part of that.
fn of_one(plan: &Plan<'_>, store: &Part<'_>, caller: &Part<'_>) -> Sizes {
    let wanted = |part: &Part<'_>| with_swings(in_flight_of(plan, store, part), 2, 10_000);
    let all: u32 =
        callers(plan).map(|p| wanted(p).saturating_mul(most_copies(p))).fold(0, u32::saturating_add);
    let server = bounded(wanted(caller), all, limit(plan, store));
    let clients = plan
        .links_from(caller.id)
        .filter(|l| l.flow.to == *store.id || is_pooler(plan, &l.flow.to))
        .map(|l| l.pool.each)
        .fold(0, u32::saturating_add);
    Sizes { server, reserve: 0, clients: clients.max(server) }
}

/// The part of `limit` that one has who wants `wanted` of `all`.
fn bounded(wanted: u32, all: u32, limit: u32) -> u32 {
    if all <= limit {
        return wanted;
    }
    let part = u64::from(wanted) * u64::from(limit) / u64::from(all);
    u32::try_from(part).unwrap_or(wanted).max(1)
}

fn in_flight(link: &Link<'_>) -> f64 {
    link.pool.calls * link.pool.held_ms / 1e3
}

/// Statements that one copy of a caller keeps in flight at a store: its own calls, or its part of those that come
/// through the pooler.
fn in_flight_of(plan: &Plan<'_>, store: &Part<'_>, caller: &Part<'_>) -> f64 {
    let calls = |to: &Id| -> f64 {
        plan.links
            .iter()
            .filter(|l| l.flow.to == *to)
            .map(|l| l.pool.calls)
            .sum::<f64>()
            .max(f64::MIN_POSITIVE)
    };
    let all: f64 = plan
        .links_from(caller.id)
        .map(|own| {
            if own.flow.to == *store.id {
                return in_flight(own);
            }
            let through = plan
                .links_from(&own.flow.to)
                .filter(|l| is_pooler(plan, &own.flow.to) && l.flow.to == *store.id);
            through.map(in_flight).sum::<f64>() * own.pool.calls / calls(&own.flow.to)
        })
        .sum();
    all / f64::from(caller.size().copies.max(1))
}

fn is_pooler(plan: &Plan<'_>, id: &Id) -> bool {
    plan.part(id).is_some_and(|p| p.component.kind == ComponentKind::Pooler)
}

/// Connections that a store takes of all callers.
fn limit(plan: &Plan<'_>, store: &Part<'_>) -> u32 {
    connections(&plan.view, &plan.links, store).limit.unwrap_or(100)
}

fn most_copies(part: &Part<'_>) -> u32 {
    part.size().copies.saturating_mul(MOST_GROWTH)
}

/// Poolers that run beside processes when each has its most copies.
pub(crate) fn beside(plan: &Plan<'_>) -> u32 {
    callers(plan).map(most_copies).fold(0, u32::saturating_add).max(1)
}

/// The settings of the pooler beside one copy of a caller, or of the one for all.
fn ini(plan: &Plan<'_>, stores: &[&Part<'_>], caller: Option<&Part<'_>>) -> String {
    let mut out = caller.map_or_else(
        || "; Connection pooler between the processes and the stores.".to_owned(),
        |c| format!("; Connection pooler beside each copy of {}.", c.label),
    );
    out.push_str(
        " Sizes come from resilience.yaml: in flight is calls\n\
         ; per second times the time each holds a connection, with three standard deviations on top.\n[databases]\n",
    );
    let mut clients: u32 = 0;
    for store in stores {
        let sizes = caller.map_or_else(|| of_all(plan, store), |c| of_one(plan, store, c));
        // One name for each store: a second one would be a second pool.
        let name = if stores.len() == 1 { "app" } else { store.label.as_str() };
        clients = clients.saturating_add(sizes.clients);
        out.push_str(&format!(
            "{name} = host={label} port=5432 dbname=app pool_size={} reserve_pool={}\n",
            sizes.server,
            sizes.reserve,
            label = store.label,
        ));
    }
    let query_ms = plan
        .links
        .iter()
        .filter(|l| stores.iter().any(|s| l.flow.to == *s.id))
        .map(|l| l.timeout.value)
        .fold(0.0, f64::max);
    let query_s = whole(if query_ms > 0.0 { query_ms / 1e3 } else { 30.0 }, 1, 3_600);
    out.push_str(&format!(
        "\n[pgbouncer]\nlisten_addr = 0.0.0.0\nlisten_port = 6432\npool_mode = transaction\nmax_client_conn = {}\n\
         max_prepared_statements = 200\nserver_lifetime = 3600\nserver_idle_timeout = 600\nquery_wait_timeout = {query_s}\nreserve_pool_timeout = 1\n\
         query_timeout = {}\nauth_type = scram-sha-256\nauth_file = /etc/pgbouncer/userlist.txt\n\
         ; The store's certificate must name the host above; that of the pooler is for its callers.\n\
         server_tls_sslmode = verify-full\nserver_tls_ca_file = /etc/pgbouncer/tls/ca.crt\n\
         client_tls_sslmode = require\nclient_tls_cert_file = /etc/pgbouncer/tls/tls.crt\nclient_tls_key_file = /etc/pgbouncer/tls/tls.key\nignore_startup_parameters = extra_float_digits\nlog_connections = 0\n\
         log_disconnections = 0\nunix_socket_dir = /tmp\n",
        // With room for whoever looks at it.
        clients.saturating_add(10).max(20),
        query_s.saturating_mul(2),
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pooler_beside_a_copy_holds_what_the_copy_keeps_in_flight() {
        // 8,391 calls/s held 0.94 ms are 7.9 in flight; on 4 copies 2.0 each, and 3 x 1.4 for the swings.
        assert_eq!(with_swings(8_391.0 * 0.94e-3 / 4.0, 2, 10_000), 7);
        // Work in the background: 282 calls/s on 3 copies are 0.1 each.
        assert_eq!(with_swings(282.0 * 0.94e-3 / 3.0, 2, 10_000), 2);
    }

    #[test]
    fn all_poolers_stay_within_what_the_store_takes() {
        assert_eq!(bounded(7, 12 * 7 + 9 * 2, 320), 7, "102 of 320");
        // 12 copies with 40 and 9 with 2 want 498 of 320.
        let (large, small) = (bounded(40, 498, 320), bounded(2, 498, 320));
        assert_eq!((large, small), (25, 1));
        assert!(12 * large + 9 * small <= 320);
    }
}
