//! What a process reads from its environment: one list that the files of every platform take theirs from.
//!
//! A platform decides how a variable gets there; it never decides which there are.

use loadcase_model::ComponentKind;

use super::compose::{behind_pooler, database, settings, watches};
use super::plan::{Home, Part, Plan};

/// A variable that a process reads.
pub(crate) struct Variable<'a> {
    pub(crate) name: String,
    pub(crate) origin: Origin<'a>,
    /// What it is and where it comes from, for whoever sets it by hand.
    pub(crate) about: String,
}

/// Who knows the value of a variable.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// The address of a database with the login of the process: a secret.
    Database(&'a Part<'a>),
    /// The address of a cache, a queue or another store: a secret.
    Store(&'a Part<'a>),
    /// Whoever runs the product; no secret.
    Told,
    /// Whoever runs the product, and nobody else.
    Secret,
    /// A store of files: where it is, or the key to it where the platform gives none.
    Files { is_secret: bool },
}

impl Variable<'_> {
    /// Whether the value must not be seen by who may read the configuration.
    pub(crate) const fn is_secret(&self) -> bool {
        match self.origin {
            Origin::Database(_) | Origin::Store(_) | Origin::Secret => true,
            Origin::Told => false,
            Origin::Files { is_secret, .. } => is_secret,
        }
    }

    /// Whether it speaks of a store of files, which some providers make and give access to by themselves.
    pub(crate) const fn is_of_files(&self) -> bool {
        matches!(self.origin, Origin::Files { .. })
    }
}

/// Who signs tokens, for whom, and by which key they are checked.
const TOKENS: [(&str, bool, &str); 3] = [
    ("AUTH_ISSUER", false, "Who signs the tokens: the value of their claim iss."),
    ("AUTH_AUDIENCE", false, "Whom tokens are meant for: the value of their claim aud."),
    ("AUTH_PUBLIC_KEY", true, "The public key of whoever signs the tokens, as PEM with \\n for line breaks."),
];

/// Where processes send what they measure.
pub(crate) const TELEMETRY: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Where processes send traces and no more, because a collector asks them for what they measure: with the other
/// variable every number would be counted twice.
pub(crate) const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// Where a store of files is, and the key to it.
const FILES: [(&str, bool, &str); 4] = [
    ("BUCKET", false, "Name of the bucket."),
    ("ENDPOINT", false, "Address of whoever keeps the bucket."),
    ("ACCESS_KEY", true, "Name of the key to the bucket."),
    ("SECRET_KEY", true, "The key to the bucket."),
];

/// The variables of a process beside the settings that the design itself knows (see [`settings`]).
pub(crate) fn environment<'p>(plan: &'p Plan<'p>, part: &Part<'_>) -> Vec<Variable<'p>> {
    let mut out = stores(plan, part);
    let secret = |is: bool| if is { Origin::Secret } else { Origin::Told };
    let by_hand =
        |name: &str, origin, about: &str| Variable { name: name.to_owned(), origin, about: about.to_owned() };
    if plan.checks_tokens() {
        out.extend(TOKENS.map(|(name, hidden, about)| by_hand(name, secret(hidden), about)));
    }
    if plan.takes_webhooks(part) {
        out.push(by_hand(
            "WEBHOOK_SECRETS",
            Origin::Secret,
            "Who sends signed events, and with which secret: sender:secret, with commas between.",
        ));
    }
    for to in called(plan, part).filter(|p| p.component.kind == ComponentKind::External && !watches(plan, p))
    {
        let about =
            format!("Access to {}, as its operator gives it out.", crate::text::clean(&to.component.name));
        out.push(by_hand(&format!("{}_SECRET", to.variable()), Origin::Secret, &about));
    }
    let asked = super::observability::asks_in_production(plan);
    out.push(by_hand(if asked { TRACES } else { TELEMETRY }, Origin::Told, telemetry(plan)));
    let mut seen = std::collections::BTreeSet::new();
    let known: std::collections::BTreeSet<String> =
        settings(plan, part).into_iter().map(|(k, _)| k).collect();
    out.retain(|v| !known.contains(&v.name) && seen.insert(v.name.clone()));
    out
}

/// What a process has a flow to.
fn called<'p>(plan: &'p Plan<'p>, part: &Part<'_>) -> impl Iterator<Item = &'p Part<'p>> {
    plan.links_from(part.id).filter_map(|l| plan.part(&l.flow.to))
}

/// Addresses of the stores of a process.
fn stores<'p>(plan: &'p Plan<'p>, part: &Part<'_>) -> Vec<Variable<'p>> {
    let mut out = Vec::new();
    let database = database(plan, part).map(|asked| behind_pooler(plan, asked));
    out.extend(database.map(|store| Variable {
        name: "DATABASE_URL".to_owned(),
        origin: Origin::Database(store),
        about: format!(
            "Address of the database with the login {}, which owns no table.",
            super::logins::login(plan, part)
        ),
    }));
    for to in called(plan, part) {
        let name = crate::text::clean(&to.component.name);
        if to.component.kind == ComponentKind::ObjectStore {
            out.extend(FILES.map(|(suffix, is_secret, about)| Variable {
                name: format!("{}_{suffix}", to.variable()),
                origin: Origin::Files { is_secret },
                about: format!("{name}: {about}"),
            }));
            continue;
        }
        // What only a provider runs is reached with an identity, not with an address.
        let has_address = matches!(to.home, Home::Container(t, c)
            if c.url.is_some() && to.component.technology.as_ref() == Some(&t.id) && !t.has("managed-only"));
        let is_asked = has_address && to.component.kind != ComponentKind::Pooler;
        if is_asked && database.is_none_or(|d| d.id != to.id) && !watches(plan, to) {
            out.push(Variable {
                name: format!("{}_URL", to.variable()),
                origin: Origin::Store(to),
                about: format!("Address of {name}, with the password."),
            });
        }
    }
    out
}

/// Where the address of the collector comes from.
fn telemetry(plan: &Plan<'_>) -> &'static str {
    match plan.provider().filter(|_| plan.runs_on("paas")) {
        Some("render") => {
            "Where traces are sent by OTLP over HTTP, once the service makes some: http://, the internal address of the private service collector, as the dashboard shows it under Connect, and :4318/v1/traces. The collector asks for metrics by itself."
        }
        Some("heroku") => {
            "Where metrics and traces are sent by OTLP over HTTP: the address of your monitoring service, for dynos of the common runtime reach no collector of their own. On the Fir generation a telemetry drain (heroku telemetry:add) takes them, and this stays empty."
        }
        Some("fly-io") => {
            "Where metrics and traces are sent by OTLP over HTTP, for copies that the platform does not ask itself: the address of your monitoring service, or http://, the name of an app that runs deploy/observability/collector.yaml, and .internal:4318; that collector must listen on [::]."
        }
        Some("digitalocean") => {
            "Where metrics and traces are sent by OTLP over HTTP: the address of your monitoring service, or http://, the name of a component that runs deploy/observability/collector.yaml, and :4318, with 4318 among its internal ports."
        }
        _ => {
            "Where metrics and traces are sent by OTLP over HTTP: the address of the collector that runs deploy/observability/collector.yaml, or of your monitoring service."
        }
    }
}
