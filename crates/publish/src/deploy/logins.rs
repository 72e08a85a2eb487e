//! Who logs in to a store: no login is a member of the owner of its tables.

use loadcase_model::{ComponentKind, Id};

use super::compose::{behind_pooler, database};
use super::plan::{Part, Plan};
use crate::Deliverable;
use crate::data::Rights;

/// The login of processes that work for one tenant at a time.
const SERVICE: &str = "service";

/// The login of what works over all tenants.
pub(crate) const WORKER: &str = "worker";

/// What a daily job runs, with the login of the worker.
pub(crate) const KEEP_PARTITIONS: &str = "SELECT keep_partitions()";

/// The login of a process at a store with roles of its own; that of the service at any other.
pub(crate) fn login(plan: &Plan<'_>, part: &Part<'_>) -> &'static str {
    let store = database(plan, part).map(|s| behind_pooler(plan, s));
    let has_roles = store.is_some_and(|s| crate::data::rights(&plan.view, s.id).is_some());
    if has_roles && part.component.kind == ComponentKind::Worker { WORKER } else { SERVICE }
}

/// The address of a store with the login of a process in place of the service's.
pub(crate) fn as_login(plan: &Plan<'_>, part: &Part<'_>, url: &str) -> String {
    url.replacen(&format!("://{SERVICE}:"), &format!("://{}:", login(plan, part)), 1)
}

/// The statements that make the logins; passwords are variables of psql.
pub(crate) fn statements(rights: &Rights) -> String {
    let Rights { application, maintenance, identity, staff, .. } = rights;
    let mut out =
        format!("CREATE ROLE {SERVICE} LOGIN PASSWORD :'service_password' IN ROLE {application};\n");
    if let Some(identity) = identity {
        out.push_str(&format!(
            "-- What happens before the tenant is known, such as signing in, takes this role on with SET LOCAL ROLE.\n\
             GRANT {identity} TO {SERVICE} WITH INHERIT FALSE;\n"
        ));
    }
    if let Some(staff) = staff {
        out.push_str(&format!(
            "-- An operation that is the house's alone takes this role on with SET LOCAL ROLE and adds a row to staff_access,\n\
             -- with the person and the operation, before anything else: without it the policies show it nothing.\n\
             GRANT {staff} TO {SERVICE} WITH INHERIT FALSE;\n"
        ));
    }
    out.push_str(&format!(
        "CREATE ROLE {WORKER} LOGIN PASSWORD :'worker_password' IN ROLE {maintenance};\n\
         -- What steps over policies is the role itself, not its members: the login begins as the role.\n\
         ALTER ROLE {WORKER} SET role = {maintenance};\n\
         -- For the work of one tenant a worker takes on the application's role with SET LOCAL ROLE.\n\
         GRANT {application} TO {WORKER} WITH INHERIT FALSE;\n"
    ));
    out
}

/// `deploy/logins.sh`: the step that is done once for each store outside a developer's machine.
pub(crate) fn files(plan: &Plan<'_>, schemas: &[(&Id, &str)]) -> Vec<Deliverable> {
    let with_rights = schemas.iter().enumerate().filter_map(|(n, (id, _))| {
        let rights = crate::data::rights(&plan.view, id)?;
        let label = &plan.part(id)?.label;
        let (name, schema) = if n == 0 {
            ("logins.sh".to_owned(), "schema.sql".to_owned())
        } else {
            (format!("logins-{label}.sh"), format!("schema-{id}.sql"))
        };
        Some((name, schema, rights))
    });
    with_rights
        .map(|(name, schema, rights)| Deliverable {
            path: format!("deploy/{name}"),
            text: format!(
                "#!/bin/sh\n\
                 # Once for each database, with the user that the provider made: the tables, and the logins of the processes.\n\
                 # That user's address stays out of the settings of every process. {SERVICE} is the login of what answers\n\
                 # requests, {WORKER} that of workers and of scheduled jobs: their addresses are DATABASE_URL there.\n\
                 #   OWNER_URL=postgresql://... SERVICE_PASSWORD=... WORKER_PASSWORD=... sh deploy/{name}\n\
                 set -eu\n\
                 : \"${{OWNER_URL:?}}\" \"${{SERVICE_PASSWORD:?}}\" \"${{WORKER_PASSWORD:?}}\"\n\
                 psql --set=ON_ERROR_STOP=1 --dbname \"$OWNER_URL\" --file \"$(dirname \"$0\")/../{schema}\"\n\
                 psql --set=ON_ERROR_STOP=1 --set=service_password=\"$SERVICE_PASSWORD\" --set=worker_password=\"$WORKER_PASSWORD\" --dbname \"$OWNER_URL\" <<'SQL'\n\
                 {}SQL\n",
                statements(&rights)
            ),
        })
        .collect()
}
