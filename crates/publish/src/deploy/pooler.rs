//! `deploy/pgbouncer/`: a connection pooler, where the design has one or the callers want more connections than
//! the store takes.

use loadcase_model::ComponentKind;

use super::links::connections;
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
    vec![Deliverable { path: "deploy/pgbouncer/pgbouncer.ini".to_owned(), text: ini(plan, &pooled) }]
}

/// The text of the pooler's settings, for the part that is one.
pub(crate) fn settings(plan: &Plan<'_>, part: &Part<'_>) -> Option<String> {
    (part.component.kind == ComponentKind::Pooler).then(|| files(plan).into_iter().next())?.map(|f| f.text)
}

/// Connections the pooler holds to a store, and those it takes from callers.
pub(crate) struct Sizes {
    pub(crate) server: u32,
    pub(crate) clients: u32,
}

pub(crate) fn sizes(plan: &Plan<'_>, store: &Part<'_>) -> Sizes {
    let poolers: Vec<&Part<'_>> =
        plan.parts.iter().filter(|p| p.component.kind == ComponentKind::Pooler).collect();
    let to_store = plan.links.iter().filter(|l| l.flow.to == *store.id);
    // In transaction mode a connection is held by a statement's work, not by a caller: what is in flight of all
    // callers together is enough.
    let in_flight: f64 = to_store.clone().map(|l| l.pool.calls * l.pool.held_ms / 1e3).sum();
    let limit = connections(&plan.view, &plan.links, store).limit.unwrap_or(100);
    let server = whole(in_flight + 3.0 * in_flight.sqrt(), 5, limit.max(5));
    let callers = plan
        .links
        .iter()
        .filter(|l| poolers.iter().any(|p| l.flow.to == *p.id) || l.flow.to == *store.id)
        .map(|l| l.pool.each.saturating_mul(l.pool.copies + 1));
    let clients = callers.fold(0, u32::saturating_add).max(server);
    Sizes { server, clients }
}

fn ini(plan: &Plan<'_>, stores: &[&Part<'_>]) -> String {
    let mut out = String::from(
        "; Connection pooler between the processes and the stores. Sizes come from resilience.yaml: in flight is calls\n\
         ; per second times the time each holds a connection, with three standard deviations on top.\n[databases]\n",
    );
    let mut clients: u32 = 0;
    for store in stores {
        let sizes = sizes(plan, store);
        // One name for each store: a second one would be a second pool.
        let name = if stores.len() == 1 { "app" } else { store.label.as_str() };
        clients = clients.saturating_add(sizes.clients);
        out.push_str(&format!(
            "{name} = host={label} port=5432 dbname=app pool_size={} reserve_pool={}\n",
            sizes.server,
            sizes.server.div_ceil(5),
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
        // Releases, and copies that are added under load, come with connections of their own.
        clients.saturating_mul(MOST_GROWTH).max(20),
        query_s.saturating_mul(2),
    ));
    out
}
