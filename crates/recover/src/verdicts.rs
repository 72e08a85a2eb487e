//! Twenty-five security rules of microservices, answered on a survey.
//!
//! The rules are those of a published library (microCertiSec, R01 to R25), which asks them of a model as strict
//! queries: what "all" is asked of must exist, and what must not be may be missing altogether. They are verdicts on
//! the architecture as a whole, to be compared with other tools; findings with places and reasons are the review's.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::{Ability, Catalog, Signs};
use loadcase_model::{Aspect, Component, ComponentKind, Flow, Id, Role, State, Survey};

/// The verdict on each rule, `R01` to `R25`: true when it holds.
pub(crate) fn verdicts(survey: &Survey, catalog: &Catalog) -> BTreeMap<String, bool> {
    let model = Model { survey, signs: Signs::new(catalog) };
    let entries = model.entries();
    let every_entry = |holds: &dyn Fn(&Id) -> bool| all(&entries, |id| holds(id));
    let services: Vec<&Id> = model.services().collect();
    let logging: Vec<&Id> = services.iter().copied().filter(|id| model.logs(id)).collect();
    let calls: Vec<&Flow> = model.calls_between_services().collect();
    let issuers = model.with(Role::AuthServer);
    // Who issues tokens signs users in as well: two duties in one place.
    let issuers_do_nothing_else = issuers.is_empty();
    let answers = [
        entries.len() == 1,
        every_entry(&|id| model.breaks_circuits(id)),
        every_entry(&|id| model.can(id, Ability::LoadBalancer)),
        every_entry(&|id| model.authorizes(id)),
        every_entry(&|id| model.authenticates(id)),
        all(&calls, |f| model.authorizes(&f.to)),
        all(&calls, |f| model.authenticates(&f.to)) && model.configuration_is_guarded(),
        issuers.len() == 1,
        issuers.len() == 1,
        issuers_do_nothing_else,
        issuers_do_nothing_else,
        survey.practices.iter().any(|p| p.aspect == Aspect::LoginThrottling && p.state == State::Present),
        all(&model.outside(), |f| model.is_encrypted(f)),
        all(&model.inside(), |f| model.is_encrypted(f)),
        all(&services, |id| model.logs(id)),
        model.logging_subsystems() == 1,
        !model.with(Role::Broker).is_empty(),
        logging.iter().all(|id| model.sends_to(id, Role::Broker)),
        !logging.iter().any(|id| model.sends_to(id, Role::LogServer)),
        !model.dashboards().is_empty(),
        model.all_are_on_a_dashboard(&services),
        all(&services, |id| model.can(id, Ability::LogMasking)),
        model.with(Role::Registry).len() == 1,
        all(&model.with(Role::Registry), |id| model.authenticates(id)),
        model.with(Role::SecretStore).len() == 1,
    ];
    answers.into_iter().zip(1..).map(|(holds, number)| (format!("R{number:02}"), holds)).collect()
}

/// Components that show every container of their host, without being told of any.
pub(crate) fn observers<'a>(survey: &'a Survey, catalog: &Catalog) -> BTreeSet<&'a Id> {
    let model = Model { survey, signs: Signs::new(catalog) };
    model.dashboards().into_iter().filter(|id| model.can(id, Ability::ContainerWatch)).collect()
}

/// Whether something holds of all; what is asked of nobody does not hold.
fn all<T>(of: &[T], holds: impl Fn(&T) -> bool) -> bool {
    !of.is_empty() && of.iter().all(holds)
}

/// A survey as the rules ask it.
struct Model<'a, 'c> {
    survey: &'a Survey,
    signs: Signs<'c>,
}

impl<'a> Model<'a, '_> {
    fn components(&self) -> impl Iterator<Item = (&'a Id, &'a Component)> {
        self.survey.blueprint.components.iter()
    }

    fn flows(&self) -> impl Iterator<Item = &'a Flow> {
        self.survey.blueprint.flows.iter()
    }

    fn is(&self, id: &Id, role: Role) -> bool {
        self.survey.roles.get(id).is_some_and(|r| r.contains(&role))
    }

    fn with(&self, role: Role) -> Vec<&'a Id> {
        self.components().map(|(id, _)| id).filter(|id| self.is(id, role)).collect()
    }

    fn seen(&self, id: &Id, aspect: Aspect) -> bool {
        self.survey
            .practices
            .iter()
            .any(|p| p.aspect == aspect && p.state == State::Present && p.component.as_ref() == Some(id))
    }

    /// Processes of the system: neither data nor somebody else's.
    fn services(&self) -> impl Iterator<Item = &'a Id> {
        let is_process = |kind| {
            !matches!(
                kind,
                ComponentKind::External
                    | ComponentKind::Store
                    | ComponentKind::Cache
                    | ComponentKind::Search
                    | ComponentKind::ObjectStore
                    | ComponentKind::Analytics
            )
        };
        self.components().filter(move |(_, c)| is_process(c.kind)).map(|(id, _)| id)
    }

    /// What an ability of its product or of a library in it lets a component do.
    fn can(&self, id: &Id, ability: Ability) -> bool {
        let product = self.survey.blueprint.components.get(id).and_then(|c| c.technology.as_ref());
        let mut libraries = self.survey.libraries.iter().filter(|l| l.component.as_ref() == Some(id));
        product.is_some_and(|t| self.signs.technology_gives(t.as_str(), ability))
            || libraries.any(|l| self.signs.library_gives(&l.ecosystem, &l.name, ability))
    }

    fn breaks_circuits(&self, id: &Id) -> bool {
        self.seen(id, Aspect::CircuitBreaker) || self.can(id, Ability::CircuitBreaker)
    }

    /// Whether it checks or issues what says who may do what.
    fn authorizes(&self, id: &Id) -> bool {
        self.seen(id, Aspect::Authorization)
            || self.is(id, Role::AuthServer)
            || self.is(id, Role::ResourceServer)
    }

    fn authenticates(&self, id: &Id) -> bool {
        self.seen(id, Aspect::Authentication)
            || self.is(id, Role::AuthServer)
            || self.is(id, Role::ResourceServer)
    }

    /// Whether it writes a log of its own.
    fn logs(&self, id: &Id) -> bool {
        self.seen(id, Aspect::Logging)
    }

    /// Where requests from outside arrive: what people use, the gateway that a plain web server hands them to
    /// instead of the web server, and whoever issues tokens when no way in leads to it.
    fn entries(&self) -> Vec<&'a Id> {
        let people = &self.survey.blueprint.actors;
        let mut entries = BTreeSet::new();
        for flow in self.flows().filter(|f| people.contains_key(&f.from)) {
            let behind = self.flows().filter(|f| f.from == flow.to && self.is(&f.to, Role::Gateway));
            let gateways: Vec<&Id> = behind.map(|f| &f.to).collect();
            if self.is(&flow.to, Role::WebServer) && !gateways.is_empty() {
                entries.extend(gateways);
            } else {
                entries.insert(&flow.to);
            }
        }
        if !entries.is_empty() {
            let led_to = |id: &Id| {
                self.flows()
                    .any(|f| f.to == *id && self.is_front(&f.from) && ["routes", "calls"].contains(&verb(f)))
            };
            entries.extend(self.with(Role::AuthServer).into_iter().filter(|id| !led_to(id)));
        }
        entries.into_iter().collect()
    }

    fn is_front(&self, id: &Id) -> bool {
        [Role::Gateway, Role::WebServer, Role::WebApplication].iter().any(|r| self.is(id, *r))
    }

    /// Whether a component does what the system is for, and not what keeps it running.
    fn is_business(&self, id: &Id) -> bool {
        let roles = self.survey.roles.get(id).map_or(&[][..], Vec::as_slice);
        self.services().any(|s| s == id)
            && roles.iter().all(|r| matches!(r, Role::ResourceServer | Role::AuthServer))
    }

    /// Calls that do business. What a registry asks of those who register is a rule of its own (R24).
    fn calls_between_services(&self) -> impl Iterator<Item = &'a Flow> {
        self.inside()
            .into_iter()
            .filter(|f| ["calls", "routes", "uses"].contains(&verb(f)) && self.is_business(&f.to))
    }

    /// Whether servers that hand out configuration, and with it secrets, ask who is calling.
    fn configuration_is_guarded(&self) -> bool {
        self.with(Role::ConfigServer).into_iter().all(|id| self.authenticates(id))
    }

    fn inside(&self) -> Vec<&'a Flow> {
        let services: BTreeSet<&Id> = self.services().collect();
        self.flows().filter(|f| services.contains(&f.from) && services.contains(&f.to)).collect()
    }

    /// Connections with people and systems of others.
    fn outside(&self) -> Vec<&'a Flow> {
        let blueprint = &self.survey.blueprint;
        let is_external =
            |id: &Id| blueprint.components.get(id).is_some_and(|c| c.kind == ComponentKind::External);
        self.flows().filter(|f| blueprint.actors.contains_key(&f.from) || is_external(&f.to)).collect()
    }

    fn is_encrypted(&self, flow: &Flow) -> bool {
        let from_people = self.survey.blueprint.actors.contains_key(&flow.from);
        match flow.encrypted {
            Some(encrypted) => encrypted,
            None if from_people => {
                self.seen(&flow.to, Aspect::Tls)
                    && !self.survey.practices.iter().any(|p| {
                        p.aspect == Aspect::Tls
                            && p.state == State::Absent
                            && p.peer.is_none()
                            && p.component.as_ref() == Some(&flow.to)
                    })
            }
            None => flow.protocol == "https" || self.is_meshed(),
        }
    }

    /// Whether a mesh gives every connection inside mutual TLS.
    fn is_meshed(&self) -> bool {
        self.survey
            .practices
            .iter()
            .any(|p| p.aspect == Aspect::Tls && p.state == State::Present && p.detail.contains("mutual"))
    }

    /// How many sets of collectors of logs there are that have nothing to do with each other: an agent, what
    /// parses and what keeps the lines are one.
    fn logging_subsystems(&self) -> usize {
        let mut left: BTreeSet<&Id> = self.with(Role::LogServer).into_iter().collect();
        let mut sets = 0;
        while let Some(first) = left.pop_first() {
            sets += 1;
            let mut open = vec![first];
            while let Some(at) = open.pop() {
                for flow in self.flows() {
                    let other = match (flow.from == *at, flow.to == *at) {
                        (true, _) => &flow.to,
                        (_, true) => &flow.from,
                        _ => continue,
                    };
                    if left.remove(other) {
                        open.push(other);
                    }
                }
            }
        }
        sets
    }

    /// Whether a component gives to another of a role; a consumer takes.
    fn sends_to(&self, id: &Id, role: Role) -> bool {
        self.flows().any(|f| f.from == *id && verb(f) != "consumes" && self.is(&f.to, role))
    }

    /// What shows how the system does, also from inside another process.
    fn dashboards(&self) -> Vec<&'a Id> {
        let is_product = |c: &Component| {
            let sign = c.technology.as_ref().and_then(|t| self.signs.technology(t.as_str()));
            sign.is_some_and(|s| s.role == Some(Role::Dashboard))
        };
        self.components()
            .filter(|(id, c)| self.is(id, Role::Dashboard) || is_product(c))
            .map(|(id, _)| id)
            .collect()
    }

    fn all_are_on_a_dashboard(&self, services: &[&Id]) -> bool {
        let dashboards: BTreeSet<&Id> = self.dashboards().into_iter().collect();
        if dashboards.iter().any(|id| self.can(id, Ability::ContainerWatch)) {
            return true;
        }
        let shown = |id: &Id| {
            self.flows().any(|f| {
                (f.from == *id && dashboards.contains(&f.to)) || (f.to == *id && dashboards.contains(&f.from))
            })
        };
        let watched: Vec<&Id> = services.iter().copied().filter(|id| !dashboards.contains(id)).collect();
        !dashboards.is_empty() && all(&watched, |id| shown(id))
    }
}

/// The first word of what a flow is for.
fn verb(flow: &Flow) -> &str {
    flow.purpose.split(' ').next().unwrap_or("")
}
