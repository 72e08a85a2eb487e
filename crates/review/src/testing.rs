//! Surveys for tests of rules.

use indexmap::IndexMap;
use loadcase_model::{
    Aspect, Availability, Blueprint, Brief, Capacity, Claim, Component, ComponentKind, Deployment, Entity,
    Estimate, Field, FieldType, Figure, Finding, Flow, FlowStyle, Forecast, Given, Horizon, Id, Input,
    Latency, Library, Operation, OperationKind, Origin, Place, Practice, Role, Saturation, Sensitivity,
    State, StationForecast, Step, StepMode, Survey, TableUse, Unit,
};

use crate::index::Index;
use crate::run::{Options, Persona, review};
use crate::subject::Subject;

/// A survey that is being written down.
pub(crate) struct Draft {
    /// The survey, to change whatever has no method.
    pub(crate) survey: Survey,
}

impl Draft {
    /// An empty system.
    pub(crate) fn new() -> Self {
        let blueprint = Blueprint {
            schema: Blueprint::SCHEMA.to_owned(),
            name: "shop".to_owned(),
            summary: String::new(),
            topology: Id::slug("microservices"),
            actors: IndexMap::new(),
            modules: IndexMap::new(),
            components: IndexMap::new(),
            flows: Vec::new(),
            entities: IndexMap::new(),
            operations: IndexMap::new(),
            zones: IndexMap::new(),
            deployment: Deployment {
                platform: Id::slug("containers"),
                provider: None,
                regions: Vec::new(),
                rollout: None,
            },
            workloads: Vec::new(),
        };
        Self { survey: Survey::of(blueprint) }
    }

    /// Adds a component; `technology` may be empty.
    pub(crate) fn component(mut self, id: &str, kind: ComponentKind, technology: &str) -> Self {
        let component = Component {
            name: id.to_owned(),
            kind,
            technology: (!technology.is_empty()).then(|| Id::slug(technology)),
            version: None,
            framework: None,
            zone: None,
            modules: Vec::new(),
            managed: false,
            capacity: None,
            evidence: vec![Place { path: format!("{id}/Dockerfile").into(), line: 1 }],
        };
        self.survey.blueprint.components.insert(Id::slug(id), component);
        self
    }

    /// Adds a service.
    pub(crate) fn service(self, id: &str) -> Self {
        self.component(id, ComponentKind::Service, "")
    }

    /// Gives a component a role.
    pub(crate) fn role(mut self, id: &str, role: Role) -> Self {
        self.survey.roles.entry(Id::slug(id)).or_default().push(role);
        self
    }

    /// Adds a flow whose caller waits.
    pub(crate) fn calls(self, from: &str, to: &str) -> Self {
        self.flow(from, to, FlowStyle::Sync, "http", "calls")
    }

    /// Adds a flow.
    pub(crate) fn flow(
        mut self,
        from: &str,
        to: &str,
        style: FlowStyle,
        protocol: &str,
        purpose: &str,
    ) -> Self {
        self.survey.blueprint.flows.push(Flow {
            from: Id::slug(from),
            to: Id::slug(to),
            style,
            protocol: protocol.to_owned(),
            purpose: purpose.to_owned(),
            timeout_ms: None,
            retries: None,
            encrypted: None,
            guard: None,
            basis: String::new(),
            evidence: vec![Place { path: format!("{from}/client.js").into(), line: 10 }],
        });
        self
    }

    /// People use a component.
    pub(crate) fn used_by_people(mut self, id: &str) -> Self {
        let actor = loadcase_model::Actor { name: "User".to_owned(), authenticates_by: None };
        self.survey.blueprint.actors.insert(Id::slug("user"), actor);
        self.flow("user", id, FlowStyle::Sync, "http", "uses")
    }

    /// Adds an operation of a component: its identifier is `component-method-path`.
    pub(crate) fn operation(mut self, component: &str, method: &str, path: &str) -> Self {
        let step = Step {
            component: Id::slug(component),
            visits: 1.0,
            cpu_ms: 1.0,
            wait_ms: 0.0,
            scv: 1.0,
            mode: StepMode::Sync,
            reads_only: method == "GET",
            basis: "test".to_owned(),
        };
        let operation = Operation {
            name: format!("{method} {path}"),
            kind: OperationKind::Request,
            module: None,
            method: Some(method.to_owned()),
            path: Some(path.to_owned()),
            roles: Vec::new(),
            takes: None,
            batch: false,
            starts: Vec::new(),
            every: None,
            after: None,
            proof: Vec::new(),
            steps: vec![step],
            accesses: Vec::new(),
            idempotent: method == "GET",
            critical: false,
            basis: String::new(),
            evidence: vec![Place { path: format!("{component}/routes.js").into(), line: 20 }],
        };
        self.survey.blueprint.operations.insert(Id::slug(&format!("{component} {method} {path}")), operation);
        self
    }

    /// Adds a practice of a component, at `<component>/code.js:30`.
    pub(crate) fn practice(self, component: &str, aspect: Aspect, state: State, subject: &str) -> Self {
        self.practice_of(component, None, None, aspect, state, subject)
    }

    /// Adds a practice of an operation or a flow of a component.
    pub(crate) fn practice_of(
        mut self,
        component: &str,
        operation: Option<&str>,
        peer: Option<&str>,
        aspect: Aspect,
        state: State,
        subject: &str,
    ) -> Self {
        self.survey.practices.push(Practice {
            aspect,
            state,
            component: Some(Id::slug(component)),
            operation: operation.map(Id::slug),
            peer: peer.map(Id::slug),
            subject: subject.to_owned(),
            detail: String::new(),
            place: Place { path: format!("{component}/code.js").into(), line: 30 },
        });
        self
    }

    /// Says that an aspect would have been seen in a component.
    pub(crate) fn looked(mut self, component: &str, aspect: Aspect) -> Self {
        self.survey.looked_for.entry(Id::slug(component)).or_default().push(aspect);
        self
    }

    /// Writes down the size of a component: so many copies of one vCPU.
    pub(crate) fn sized(mut self, id: &str, replicas: u32) -> Self {
        if let Some(component) = self.survey.blueprint.components.get_mut(id) {
            component.capacity = Some(Capacity {
                replicas,
                vcpu: 1.0,
                memory_gb: 2.0,
                storage_gb: 0.0,
                standbys: 0,
                read_replicas: 0,
                concurrency: None,
                basis: "test".to_owned(),
            });
        }
        self
    }

    /// Adds an entity of a component with its fields.
    pub(crate) fn entity(
        mut self,
        component: &str,
        name: &str,
        store: Option<&str>,
        fields: &[(&str, Sensitivity)],
    ) -> Self {
        let field = |(name, sensitivity): &(&str, Sensitivity)| Field {
            name: Id::slug(name),
            kind: FieldType::String,
            optional: false,
            unique: false,
            to: None,
            values: Vec::new(),
            owned: false,
            not_above: None,
            min: None,
            max: None,
            sensitivity: *sensitivity,
        };
        let entity = Entity {
            name: name.to_owned(),
            summary: String::new(),
            module: None,
            store: store.map(Id::slug),
            fields: fields.iter().map(field).collect(),
            key: Vec::new(),
            unique: Vec::new(),
            no_overlap: Vec::new(),
            unique_when: Vec::new(),
            plays: None,
            soft_delete: None,
            tenant_scoped: false,
            append_only: false,
            row_bytes: 0.0,
            keep_days: None,
            ages_by: None,
            count: None,
            basis: "test".to_owned(),
        };
        self.survey.blueprint.entities.insert(Id::slug(&format!("{component} {name}")), entity);
        self
    }

    /// Adds a table that a component writes.
    pub(crate) fn table(mut self, component: &str, store: &str, table: &str) -> Self {
        self.survey.tables.push(TableUse {
            component: Id::slug(component),
            store: Some(Id::slug(store)),
            database: None,
            table: table.to_owned(),
            writes: true,
            place: Place { path: format!("{component}/schema.sql").into(), line: 5 },
        });
        self
    }

    /// Adds a library or image that a component uses.
    pub(crate) fn library(mut self, ecosystem: &str, name: &str, version: &str, component: &str) -> Self {
        self.survey.libraries.push(Library {
            built_at: None,
            locked: false,
            requires: None,
            deprecated: None,
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            component: Some(Id::slug(component)),
            place: Place { path: format!("{component}/Dockerfile").into(), line: 1 },
        });
        self
    }

    /// Tells the practice that was added last in more detail.
    pub(crate) fn detailed(mut self, detail: &str) -> Self {
        if let Some(practice) = self.survey.practices.last_mut() {
            detail.clone_into(&mut practice.detail);
        }
        self
    }

    /// Adds a place where a component was seen.
    pub(crate) fn evidence(mut self, component: &str, path: &str) -> Self {
        if let Some(component) = self.survey.blueprint.components.get_mut(&Id::slug(component)) {
            component.evidence.push(Place { path: path.into(), line: 3 });
        }
        self
    }

    /// Adds a library that the repository itself builds.
    pub(crate) fn built_from(mut self, component: &str, name: &str) -> Self {
        self = self.library("maven", name, "1", component);
        if let Some(library) = self.survey.libraries.last_mut() {
            library.built_at = Some(Place { path: "common/pom.xml".into(), line: 1 });
        }
        self
    }

    /// Adds a statement of `docs/architecture.md`.
    pub(crate) fn claim(mut self, kind: &str, subject: &str, object: &str) -> Self {
        self.survey.claims.push(Claim {
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            object: object.to_owned(),
            place: Place { path: "docs/architecture.md".into(), line: 3 },
        });
        self
    }

    /// Gives a component its own name as the one it goes by.
    pub(crate) fn named(mut self, id: &str) -> Self {
        self.survey.names.insert(Id::slug(id), vec![id.to_owned()]);
        self
    }

    /// What one rule finds under a target of the brief, when every component is so busy and the system so
    /// available.
    pub(crate) fn find_under(
        &self,
        rule: &str,
        input: Input,
        target: f64,
        share: f64,
        busy: f64,
    ) -> Vec<Finding> {
        let mut brief = Brief::default();
        let stated = Estimate::exact(target, Origin::Stated { text: target.to_string(), at: None });
        brief.numbers.insert(input, Given { now: Some(stated), later: None, average: false, each: false });
        self.find_with(rule, Some(&brief), &[self.forecast(share, busy)])
    }

    fn forecast(&self, share: f64, busy: f64) -> Forecast {
        let figure = |value: f64, unit: Unit| Figure {
            value,
            unit,
            origin: Origin::Computed { by: "test".to_owned() },
        };
        let ms = |value: f64| figure(value, Unit::Milliseconds);
        let station = Id::slug("a");
        let stations = self.survey.blueprint.components.keys().map(|id| {
            let of = StationForecast {
                utilisation: figure(busy, Unit::Share),
                throughput: figure(10.0, Unit::PerSecond),
                wait: ms(1.0),
            };
            (id.clone(), of)
        });
        Forecast {
            horizon: Horizon::Now,
            arrivals: figure(10.0, Unit::PerSecond),
            latency: Latency { mean: ms(50.0), p50: ms(40.0), p95: ms(150.0), p99: ms(300.0) },
            operations: IndexMap::new(),
            stations: stations.collect(),
            saturation: Saturation {
                rate: figure(20.0, Unit::PerSecond),
                headroom: figure(2.0, Unit::Times),
                station: station.clone(),
            },
            availability: Availability {
                share: figure(share, Unit::Share),
                downtime_month: figure(60.0, Unit::Seconds),
                recovery_point: figure(0.0, Unit::Seconds),
                recovery_time: figure(60.0, Unit::Seconds),
                weakest: Some(station),
            },
            cost: Vec::new(),
            cost_total: figure(100.0, Unit::UsdPerMonth),
            people: Vec::new(),
            people_total: figure(0.5, Unit::Engineers),
        }
    }

    /// What one rule finds in this version that is worse than in an earlier one.
    pub(crate) fn find_since(&self, rule: &str, earlier: &Self) -> Vec<Finding> {
        self.run(rule, None, &[], Some(&earlier.survey.blueprint))
    }

    /// What one rule finds, for the pedantic.
    pub(crate) fn find(&self, rule: &str) -> Vec<Finding> {
        self.find_with(rule, None, &[])
    }

    /// What one rule finds when a brief tells the number of engineers.
    pub(crate) fn find_with_engineers(&self, rule: &str, engineers: f64) -> Vec<Finding> {
        let mut brief = Brief::default();
        let origin = Origin::Stated { text: format!("{engineers} engineers"), at: None };
        let given =
            Given { now: Some(Estimate::exact(engineers, origin)), later: None, average: false, each: false };
        brief.numbers.insert(Input::Engineers, given);
        self.find_with(rule, Some(&brief), &[])
    }

    /// What one rule finds, with a brief and forecasts, for the pedantic.
    pub(crate) fn find_with(
        &self,
        rule: &str,
        brief: Option<&Brief>,
        forecasts: &[Forecast],
    ) -> Vec<Finding> {
        self.run(rule, brief, forecasts, None)
    }

    fn run(
        &self,
        rule: &str,
        brief: Option<&Brief>,
        forecasts: &[Forecast],
        previous: Option<&Blueprint>,
    ) -> Vec<Finding> {
        let catalog =
            loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
        let index = Index::new(&self.survey);
        let subject = Subject {
            survey: &self.survey,
            index: &index,
            forecasts,
            brief,
            design: None,
            previous,
            catalog: &catalog,
            today: "2026-11-23",
        };
        let options =
            Options { persona: Persona::Pedantic, select: vec![rule.to_owned()], ..Options::default() };
        let review = review(&subject, &options);
        assert!(review.failed.is_empty(), "{:?}", review.failed);
        review.findings
    }

    /// Whether one rule finds anything.
    pub(crate) fn breaks(&self, rule: &str) -> bool {
        !self.find(rule).is_empty()
    }
}
