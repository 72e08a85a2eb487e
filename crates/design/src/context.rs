//! What is known and what is assumed: the brief, completed.
//!
//! Every input gets an estimate at both horizons, with its origin. Dependent inputs (requests from users,
//! statements from requests, bytes from writes) are derived from the independent ones, so that a sample or a
//! flip of one input carries through.

use std::collections::BTreeSet;

use loadcase_catalog::{Catalog, Circumstances, Domain, Relation};
use loadcase_model::{
    Brief, Estimate, Horizon, Horizons, Id, Input, InputKind, OperationKind, Origin, Stance,
    TechnologyMention, format_number, stored,
};

use crate::actions::Actions;
use crate::intake;
use crate::mix::Mix;

/// A value for every input, in the order of [`Input::ALL`].
pub type Row = [f64; Input::COUNT];

/// Values of every input at both horizons.
#[derive(Clone, Copy, Debug)]
pub struct Values {
    /// Today.
    pub now: Row,
    /// In 24 months.
    pub later: Row,
}

impl Values {
    /// The value of an input.
    #[must_use]
    pub const fn get(&self, input: Input, horizon: Horizon) -> f64 {
        match horizon {
            Horizon::Now => self.now[input.index()],
            Horizon::Later => self.later[input.index()],
        }
    }

    /// Sets the value of an input.
    pub const fn set(&mut self, input: Input, horizon: Horizon, value: f64) {
        match horizon {
            Horizon::Now => self.now[input.index()] = value,
            Horizon::Later => self.later[input.index()] = value,
        }
    }
}

/// A brief completed with the catalog's assumptions.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// What was said.
    pub brief: &'a Brief,
    /// What is known.
    pub catalog: &'a Catalog,
    /// The domain the blueprint is built from.
    pub domain: Id,
    /// Signals that hold, with all they imply.
    pub signals: BTreeSet<Id>,
    /// Estimates of every input.
    pub estimates: Vec<Horizons<Estimate>>,
    /// Use per request.
    pub mix: Mix,
    /// Best guess of every input.
    pub base: Values,
    /// What people do of which the rate was stated, where the domain knows its share of the requests.
    pub actions: Option<Actions>,
    /// Inputs that were given at each horizon and are not derived.
    given: [[bool; Input::COUNT]; 2],
}

/// Inputs that follow from others unless they are given.
const DERIVED: [Input; 7] = [
    Input::DailyUsers,
    Input::AverageRps,
    Input::PeakRps,
    Input::WritesPerS,
    Input::QueriesPerS,
    Input::JobsPerS,
    Input::Teams,
];

/// Inputs that grow with the load.
const GROWING: [Input; 11] = [
    Input::MonthlyUsers,
    Input::DailyUsers,
    Input::AverageRps,
    Input::PeakRps,
    Input::WritesPerS,
    Input::QueriesPerS,
    Input::JobsPerS,
    Input::EventsPerS,
    Input::HotKeyWritesPerS,
    Input::Connections,
    Input::Tenants,
];

const SECONDS_PER_DAY: f64 = 86_400.0;
/// Seconds in the 24 months between the horizons.
const SECONDS_TO_LATER: f64 = 730.0 * SECONDS_PER_DAY;
/// Largest value an input is given: beyond any system, and far from where arithmetic overflows.
const LARGEST: f64 = 1e12;
/// Rows of the table of jobs that one job writes: it is put there, taken and done. Where jobs lie elsewhere, there
/// are none.
pub const ROWS_OF_A_JOB: f64 = 3.0;
/// Engineers that make up a team when teams were not counted.
const PEOPLE_PER_TEAM: f64 = 8.0;

impl<'a> Context<'a> {
    /// Completes a brief.
    #[must_use]
    pub fn new(brief: &'a Brief, catalog: &'a Catalog) -> Self {
        let domain = domain_of(brief, catalog);
        let signals = signals_of(brief, catalog, &domain);
        let apart = brief.numbers.contains_key(&Input::EventsPerS);
        let placeholder = Estimate::exact(0.0, Origin::computed(""));
        let blank = Horizons { now: placeholder.clone(), later: placeholder };
        let mut context = Self {
            brief,
            catalog,
            signals,
            mix: intake::domain_of(catalog, &domain, intake::events_per_call(brief, catalog))
                .map_or_else(Mix::plain, |d| Mix::of(&d, apart)),
            domain,
            estimates: vec![blank; Input::COUNT],
            base: Values { now: [0.0; Input::COUNT], later: [0.0; Input::COUNT] },
            actions: None,
            given: [[false; Input::COUNT]; 2],
        };
        context.estimate_all();
        context
    }

    /// Share of the domain's requests that its intake of events makes.
    fn intake_share(&self) -> f64 {
        let domain = self.domain_data();
        let intake = domain.and_then(|d| d.operations.get(d.intake.as_ref()?));
        let all = domain.map_or(0.0, |d| d.operations.values().map(|o| o.share.max(0.0)).sum());
        intake.map_or(0.0, |o| (o.share / f64::max(all, 1e-9)).clamp(0.0, 0.99))
    }

    /// Share of reads among the requests that are no intake of events: the domain's share counts those as writes.
    #[must_use]
    pub fn read_share(&self, values: &Values, horizon: Horizon) -> f64 {
        let share = values.get(Input::ReadShare, horizon).clamp(0.0, 1.0);
        let apart = self.comes_apart() && !self.is_given(Input::ReadShare, horizon);
        if apart { (share / (1.0 - self.intake_share())).min(1.0) } else { share }
    }

    /// Whether the events were stated, so that the domain's intake is no part of its requests.
    fn comes_apart(&self) -> bool {
        self.is_given(Input::EventsPerS, Horizon::Later)
            && self.base.get(Input::EventsPerS, Horizon::Later) > 0.0
    }

    /// Processor time of a request that is no intake of events, relative to the domain's mean request.
    #[must_use]
    pub fn effort_apart(&self) -> f64 {
        let domain = self.domain_data().filter(|_| self.comes_apart());
        let Some(intake) = domain.and_then(|d| d.operations.get(d.intake.as_ref()?)) else { return 1.0 };
        let asked = || {
            let operations = domain.into_iter().flat_map(|d| d.operations.values());
            operations.filter(|o| !matches!(o.kind, OperationKind::Job | OperationKind::Scheduled))
        };
        let shares: f64 = asked().map(|o| o.share).sum();
        let efforts: f64 = asked().map(|o| o.share * o.effort.factor()).sum();
        let own = intake.share * intake.effort.factor();
        let (all, rest) = (efforts / shares, (efforts - own) / (shares - intake.share));
        if all > 0.0 && rest.is_finite() { (rest / all).clamp(1.0, 10.0) } else { 1.0 }
    }

    /// Processor time of taking in an event, relative to a request that is none: the planning assumption for events
    /// that come together, and at least that of the call where each comes by one of its own.
    #[must_use]
    pub fn event_effort(&self) -> f64 {
        let planned = self.catalog.lexicon.plan("event-effort");
        let domain = self.domain_data().filter(|_| intake::is_single(self.brief));
        let Some(call) = domain.and_then(|d| d.operations.get(d.intake.as_ref()?)) else { return planned };
        let others = domain.into_iter().flat_map(|d| &d.operations).filter(|(id, o)| {
            !matches!(o.kind, OperationKind::Job | OperationKind::Scheduled)
                && domain.is_some_and(|d| d.intake.as_ref() != Some(id))
        });
        let (efforts, shares) =
            others.fold((0.0, 0.0), |(e, s), (_, o)| (e + o.share * o.effort.factor(), s + o.share));
        let mean = if shares > 0.0 { (efforts / shares).max(0.01) } else { 1.0 };
        planned.max((call.effort.factor() / mean).min(1.0))
    }

    /// Whether an input was given at a horizon (or follows from a given one by growth).
    #[must_use]
    pub const fn is_given(&self, input: Input, horizon: Horizon) -> bool {
        self.given[horizon as usize][input.index()]
    }

    /// Whether an input follows from others in this brief.
    #[must_use]
    pub fn is_derived(&self, input: Input) -> bool {
        DERIVED.contains(&input) && !self.is_given(input, Horizon::Later)
    }

    /// Whether a signal holds.
    #[must_use]
    pub fn holds(&self, signal: &str) -> bool {
        self.signals.contains(signal)
    }

    /// The estimate of an input.
    #[must_use]
    pub fn estimate(&self, input: Input, horizon: Horizon) -> &Estimate {
        self.estimates[input.index()].at(horizon)
    }

    /// The domain's data; every catalog has the one this context was made with.
    #[must_use]
    pub fn domain_data(&self) -> Option<&'a Domain> {
        self.catalog.domains.get(&self.domain)
    }

    fn estimate_all(&mut self) {
        // What was stated first: an assumption may depend on any of it.
        for (input, given) in &self.brief.numbers {
            for (horizon, estimate) in [(Horizon::Now, &given.now), (Horizon::Later, &given.later)] {
                let stated = estimate.as_ref().or(given.now.as_ref()).or(given.later.as_ref());
                self.base.set(*input, horizon, stated.map_or(0.0, |e| e.value));
            }
        }
        // Then growth: it carries given values from one horizon to the other.
        let order = std::iter::once(Input::Growth).chain(Input::ALL.iter().copied());
        for input in order {
            self.estimates[input.index()] = bounded(self.independent(input));
            self.base.set(input, Horizon::Now, self.estimates[input.index()].now.value);
            self.base.set(input, Horizon::Later, self.estimates[input.index()].later.value);
        }
        if self.is_given(Input::WritesPerS, Horizon::Now) {
            let rate = self.estimates[Input::WritesPerS.index()].clone();
            let given = self.brief.numbers.get(&Input::WritesPerS);
            let factor = Horizon::ALL.map(|h| self.base.get(Input::PeakFactor, h).max(1.0));
            self.actions = self.domain_data().zip(given).and_then(|(domain, given)| {
                Actions::of(domain, given, &Horizons { now: rate.now.value, later: rate.later.value }, factor)
            });
            // The rows that requests write follow from all of them.
            let given = self.actions.is_none();
            self.given.iter_mut().for_each(|g| g[Input::WritesPerS.index()] = given);
        }
        let mut values = self.base;
        self.derive(&mut values, &[]);
        self.base = values;
        self.record_derived();
    }

    /// The estimate of an input from what was given, the domain, or the list of assumptions.
    fn independent(&mut self, input: Input) -> Horizons<Estimate> {
        let given = self.brief.numbers.get(&input);
        // A budget that was stated once follows a growth that nobody stated.
        let follows = input == Input::BudgetUsdMonth && !self.brief.numbers.contains_key(&Input::Growth);
        let growth = if GROWING.contains(&input) || follows {
            self.base.now[Input::Growth.index()].max(1.0)
        } else {
            1.0
        };
        let average = given.is_some_and(|g| g.average);
        let told = |e: Option<&Estimate>, h: Horizon| {
            e.map(|e| if average { self.at_peak(e, h) } else { e.clone() })
        };
        let now = told(given.and_then(|g| g.now.as_ref()), Horizon::Now);
        let later = told(given.and_then(|g| g.later.as_ref()), Horizon::Later);
        self.given[0][input.index()] = now.is_some() || later.is_some();
        self.given[1][input.index()] = now.is_some() || later.is_some();
        match (now, later) {
            (Some(now), Some(later)) => Horizons { now, later },
            (Some(now), None) => Horizons { later: carried(&now, growth, "grows with the load"), now },
            (None, Some(later)) => {
                Horizons { now: carried(&later, 1.0 / growth, "before the growth"), later }
            }
            (None, None) => self.assumed(input, growth),
        }
    }

    /// The peak of a rate that was told as an average. What is held at its peak is brought there here, and nowhere
    /// else.
    fn at_peak(&self, average: &Estimate, horizon: Horizon) -> Estimate {
        let factor = self.estimate(Input::PeakFactor, horizon);
        let [value, low, high] = [factor.value, factor.low, factor.high].map(|f| f.max(1.0));
        let words = match &average.origin {
            Origin::Stated { text, .. } => format!("\"{text}\", "),
            _ => String::new(),
        };
        let by = format!(
            "{words}{} per second on average, x {} for the peak (peak over average)",
            format_number(average.value),
            format_number(value)
        );
        Estimate {
            value: average.value * value,
            low: average.low * low,
            high: average.high * high,
            origin: Origin::computed(by),
        }
    }

    /// The devices that a stated stream of events comes from, where the domain's users are devices: nobody has to be
    /// invented beside them.
    fn reporting(&self, growth: f64) -> Option<Horizons<Estimate>> {
        self.domain_data()?.intake.as_ref()?;
        let given = self.brief.numbers.get(&Input::EventsPerS)?;
        let words = [&given.now, &given.later].into_iter().flatten().find_map(|e| match &e.origin {
            Origin::Stated { text, .. } => Some(text.as_str()),
            _ => None,
        })?;
        let devices = leading_number(words).filter(|n| *n >= 1.0)?;
        let now = Estimate::exact(devices, Origin::computed(format!("a user here is a device: \"{words}\"")));
        Some(Horizons { later: carried(&now, growth, "grows with the load"), now })
    }

    fn assumed(&self, input: Input, growth: f64) -> Horizons<Estimate> {
        if input == Input::MonthlyUsers
            && !self.brief.numbers.contains_key(&Input::DailyUsers)
            && let Some(devices) = self.reporting(growth)
        {
            return devices;
        }
        let usage =
            self.domain_data().and_then(|d| d.usage.get(&input)).filter(|_| self.domain_speaks(input));
        if let Some(fact) = usage {
            let (low, high) = fact.range();
            let origin = fact.origin(&format!("{}.{}", self.domain, input.slug()));
            let now = Estimate { value: fact.value, low, high, origin };
            return Horizons { later: now.clone(), now };
        }
        let view = View { context: self, values: &self.base, chosen: &|_, _| false };
        let rule = self
            .catalog
            .lexicon
            .assumptions
            .iter()
            .find(|a| a.input == input && a.when.as_ref().is_none_or(|c| c.holds(&view)));
        let Some(rule) = rule else {
            let none = Estimate::exact(0.0, Origin::computed("derived from the other inputs"));
            return Horizons { now: none.clone(), later: none };
        };
        let now = Estimate::assumed(rule.value, rule.low, rule.high, &rule.because);
        let factor = rule.later.map_or(growth, |later| later / rule.value.max(f64::MIN_POSITIVE));
        let later =
            if (factor - 1.0).abs() < 1e-12 { now.clone() } else { carried(&now, factor, &rule.because) };
        Horizons { now, later }
    }

    /// Whether the domain's own value is used. Targets and the share the edge may answer also depend on
    /// circumstances that the brief states: then the list of assumptions speaks first.
    fn domain_speaks(&self, input: Input) -> bool {
        let overruled: &[&str] = match input {
            // What nobody asked for is no requirement: the list of assumptions is modest.
            Input::Availability => return false,
            Input::EdgeCacheableShare => &["anonymous-reads", "immutable-files", "personalised"],
            Input::ReadShare => &["write-heavy", "read-mostly"],
            Input::LatencyP99Ms => &["low-latency"],
            Input::PeakFactor => &["spiky-load", "flash-sales", "steady-load", "short-event"],
            Input::RecoveryPointS | Input::RecoveryTimeS => &[
                "downtime-tolerated",
                "working-hours",
                "solo",
                "no-data-loss",
                "no-administrator",
                "works-without-center",
                "tight-budget",
            ],
            _ => &[],
        };
        !overruled.iter().any(|s| self.holds(s))
    }

    /// Data that lies there today as it was said or is assumed, before anything is derived from the load, GB.
    #[must_use]
    pub fn data_today(&self) -> f64 {
        let given = self.brief.numbers.get(&Input::DataGb).and_then(|g| g.now.as_ref().or(g.later.as_ref()));
        given.map_or_else(|| self.assumed(Input::DataGb, 1.0).now.value, |e| e.value).clamp(0.0, LARGEST)
    }

    /// Days of today's uploads that lie in the store of files today.
    #[must_use]
    pub fn file_days(&self) -> f64 {
        stored::file_days(self.holds("existing-system"))
    }

    /// Puts what is known better than at first in the place of an estimate.
    pub fn set(&mut self, input: Input, horizon: Horizon, estimate: Estimate) {
        self.base.set(input, horizon, estimate.value);
        let entry = &mut self.estimates[input.index()];
        match horizon {
            Horizon::Now => entry.now = estimate,
            Horizon::Later => entry.later = estimate,
        }
    }

    /// Fills the dependent inputs from the independent ones. Inputs in `fixed` keep their value.
    pub fn derive(&self, values: &mut Values, fixed: &[Input]) {
        for horizon in Horizon::ALL {
            let set = |values: &mut Values, input: Input, value: f64| {
                if !self.is_given(input, horizon) && !fixed.contains(&input) {
                    values.set(
                        input,
                        horizon,
                        if value.is_finite() { value.clamp(0.0, LARGEST) } else { 0.0 },
                    );
                }
            };
            self.derive_traffic(values, horizon, fixed, &set);
            self.derive_database(values, horizon, &set);
            let engineers = values.get(Input::Engineers, horizon);
            set(values, Input::Teams, (engineers / PEOPLE_PER_TEAM).ceil().max(1.0));
        }
        self.derive_bytes(values, fixed);
    }

    fn derive_traffic(
        &self,
        values: &mut Values,
        h: Horizon,
        fixed: &[Input],
        set: &dyn Fn(&mut Values, Input, f64),
    ) {
        let known = |input: Input| self.is_given(input, h) || fixed.contains(&input);
        set(values, Input::DailyUsers, values.get(Input::MonthlyUsers, h) * values.get(Input::DailyShare, h));
        if known(Input::DailyUsers) && !known(Input::MonthlyUsers) {
            let monthly = values.get(Input::DailyUsers, h) / values.get(Input::DailyShare, h).max(0.01);
            set(values, Input::MonthlyUsers, monthly);
        }
        let factor = values.get(Input::PeakFactor, h).max(1.0);
        let statements = values.get(Input::QueriesPerRequest, h).max(0.1);
        let average = if known(Input::PeakRps) {
            values.get(Input::PeakRps, h) / factor
        } else if known(Input::QueriesPerS) {
            values.get(Input::QueriesPerS, h) / statements / factor
        } else {
            let by_users =
                values.get(Input::DailyUsers, h) * values.get(Input::RequestsPerUserDay, h) / SECONDS_PER_DAY;
            // Events that were stated are calls of the domain's own intake, not a load beside it.
            let by_users = by_users * (1.0 - if self.comes_apart() { self.intake_share() } else { 0.0 });
            let users_given = known(Input::DailyUsers) || known(Input::MonthlyUsers);
            let by_actions = self.actions.as_ref().map(|a| a.requests(h, factor));
            match (known(Input::WritesPerS), users_given) {
                (false, true) => by_actions.map_or(by_users, |a| a.max(by_users)),
                (false, false) => by_actions.unwrap_or(by_users),
                // A stated rate of orders, votes or transfers is that of the requests that change something; people
                // who were stated too look around before they do.
                (true, true) => (values.get(Input::WritesPerS, h) / factor).max(by_users),
                (true, false) => values.get(Input::WritesPerS, h) / factor,
            }
        };
        set(values, Input::AverageRps, average);
        set(values, Input::PeakRps, values.get(Input::AverageRps, h) * factor);
    }

    fn derive_database(&self, values: &mut Values, h: Horizon, set: &dyn Fn(&mut Values, Input, f64)) {
        let peak = values.get(Input::PeakRps, h);
        let planned = self.catalog.lexicon.plan("writes-per-write-request").max(0.1);
        let per_request = self.mix.rows_per_write.unwrap_or(planned);
        let changing = if self.is_given(Input::WritesPerS, h) {
            values.get(Input::WritesPerS, h) / planned
        } else {
            peak * (1.0 - self.read_share(values, h))
        };
        let (events, calls) = self.taken_in(values, h);
        let jobs = changing * self.mix.jobs_per_write + calls * self.mix.intake.jobs;
        let wanted =
            ["async-work", "notifications", "delayed-tasks", "webhooks"].iter().any(|s| self.holds(s));
        // Work after the answer was asked for, but the domain names no job: one for every ten requests.
        set(values, Input::JobsPerS, if jobs == 0.0 && wanted { peak * 0.1 } else { jobs });
        let beside = self.rows_beside(values, h);
        set(values, Input::WritesPerS, changing * per_request + events + beside);
        set(values, Input::QueriesPerS, peak * values.get(Input::QueriesPerRequest, h));
    }

    /// Events per second that come in, and the calls that bring them.
    #[must_use]
    pub fn taken_in(&self, values: &Values, h: Horizon) -> (f64, f64) {
        let events = values.get(Input::EventsPerS, h).max(0.0);
        (events, events / self.mix.intake.events)
    }

    /// Calls per second at the peak by which clients bring events.
    #[must_use]
    pub fn event_calls(&self, horizon: Horizon) -> f64 {
        self.taken_in(&self.base, horizon).1
    }

    /// Requests per second at the peak that clients make, the calls that bring events among them: what a balancer
    /// counts.
    #[must_use]
    pub fn client_requests(&self, horizon: Horizon) -> f64 {
        self.base.get(Input::PeakRps, horizon) + self.event_calls(horizon)
    }

    /// Rows per second at the peak that requests write, with the jobs that they start: all but what events bring.
    #[must_use]
    pub fn rows_of_requests(&self, values: &Values, h: Horizon) -> f64 {
        let (events, _) = self.taken_in(values, h);
        (values.get(Input::WritesPerS, h) - events - self.rows_beside(values, h)).max(0.0)
    }

    /// Rows per second beside those of requests and events: what the calls that bring events change too, with the jobs
    /// that they start, and those of the table that jobs lie in.
    fn rows_beside(&self, values: &Values, h: Horizon) -> f64 {
        let (_, calls) = self.taken_in(values, h);
        let brought = calls * (self.mix.intake.other_rows + self.mix.intake.job_rows);
        brought + values.get(Input::JobsPerS, h) * ROWS_OF_A_JOB
    }

    /// Data in 24 months is data today plus what is written until then, at the mean of both loads. A running
    /// system whose data was not stated holds at least a year of its present writes.
    fn derive_bytes(&self, values: &mut Values, fixed: &[Input]) {
        if self.brief.numbers.get(&Input::DataGb).is_some_and(|g| g.later.is_some())
            || fixed.contains(&Input::DataGb)
        {
            return;
        }
        // Raw events are rolled up or expire where they are kept; they do not pile up in the primary store.
        let [now, later] = Horizon::ALL
            .map(|h| self.rows_of_requests(values, h) / values.get(Input::PeakFactor, h).max(1.0));
        let bytes = if self.holds("keep-forever") { self.mix.written_bytes } else { self.mix.kept_bytes };
        let a_year = 365.0 * SECONDS_PER_DAY * now * bytes * 1e-9;
        let unstated = !self.brief.numbers.contains_key(&Input::DataGb);
        if unstated && self.holds("existing-system") {
            let present = values.get(Input::DataGb, Horizon::Now).max(a_year);
            values.set(Input::DataGb, Horizon::Now, present.min(LARGEST));
        }
        let added = 0.5 * (now + later) * SECONDS_TO_LATER * bytes * 1e-9;
        let later = values.get(Input::DataGb, Horizon::Now) + added;
        values.set(Input::DataGb, Horizon::Later, later.min(LARGEST));
    }

    /// Notes how the derived inputs came about.
    fn record_derived(&mut self) {
        let average = self.actions.as_ref().map_or_else(
            || "daily users x requests per user and day / 86,400 s, or from the rate that was given".to_owned(),
            |a| {
                let share = format_number(a.share * 100.0);
                format!("\"{}\", which are {share}% of all requests in this domain, or the stated users if those ask for more", a.words)
            },
        );
        for horizon in Horizon::ALL {
            for (input, by) in [
                (Input::DailyUsers, "monthly users x daily share"),
                (Input::MonthlyUsers, "daily users / daily share"),
                (Input::AverageRps, average.as_str()),
                (Input::PeakRps, "average rate x peak over average"),
                (Input::JobsPerS, "peak rate x jobs that the domain's operations start"),
                (
                    Input::WritesPerS,
                    "peak rate x the rows that operations and their jobs insert, update and delete for each request, what events bring, and three of the table of jobs for each job",
                ),
                (Input::QueriesPerS, "peak rate x statements per request"),
                (Input::Teams, "engineers / 8 to a team"),
                (Input::DataGb, "data today plus what is written until then"),
            ] {
                let value = self.base.get(input, horizon);
                let entry = &mut self.estimates[input.index()];
                let estimate = match horizon {
                    Horizon::Now => &mut entry.now,
                    Horizon::Later => &mut entry.later,
                };
                if (estimate.value - value).abs() > 1e-9 * value.abs().max(1e-9) {
                    *estimate = Estimate::exact(value, Origin::computed(by));
                }
            }
        }
    }

    /// Circumstances at given values and with given options chosen.
    #[must_use]
    pub fn view<'b>(&'b self, values: &'b Values, chosen: &'b dyn Fn(&str, &str) -> bool) -> View<'b> {
        View { context: self, values, chosen }
    }
}

/// The number that a text begins with: "50,000 devices", "2 million meters", "60k sensors".
fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let value: f64 = digits.trim_end_matches(['.', ',']).replace(',', "").parse().ok()?;
    let word = rest.split_whitespace().next().unwrap_or("").to_lowercase();
    let factor = match word.as_str() {
        "k" | "thousand" => 1e3,
        "m" | "million" => 1e6,
        _ => 1.0,
    };
    Some(value * factor)
}

/// Keeps absurd values, which readers warn about, from overflowing later arithmetic.
fn bounded(estimates: Horizons<Estimate>) -> Horizons<Estimate> {
    let bound = |e: Estimate| {
        let clamp = |v: f64| if v.is_nan() { 0.0 } else { v.clamp(0.0, LARGEST) };
        Estimate { value: clamp(e.value), low: clamp(e.low), high: clamp(e.high), origin: e.origin }
    };
    Horizons { now: bound(estimates.now), later: bound(estimates.later) }
}

/// An estimate carried to the other horizon.
fn carried(from: &Estimate, factor: f64, because: &str) -> Estimate {
    if (factor - 1.0).abs() < 1e-12 {
        return from.clone();
    }
    let origin = match &from.origin {
        Origin::Assumed { .. } => Origin::assumed(from.low * factor, from.high * factor, because),
        _ => Origin::computed(format!("{because}: the given value x {factor:.3}")),
    };
    Estimate { value: from.value * factor, low: from.low * factor, high: from.high * factor, origin }
}

/// The most likely domain that the catalog has, else the generic one.
fn domain_of(brief: &Brief, catalog: &Catalog) -> Id {
    let known = brief.domains.iter().find(|d| catalog.domains.contains_key(&d.id)).map(|d| d.id.clone());
    known.unwrap_or_else(|| Id::slug("generic"))
}

/// Signals that hold: stated, implied by the domain unless denied, and all they imply.
fn signals_of(brief: &Brief, catalog: &Catalog, domain: &Id) -> BTreeSet<Id> {
    let denied = |id: &Id| brief.signals.get(id).is_some_and(|s| !s.holds);
    let stated = brief.signals.iter().filter(|(_, s)| s.holds).map(|(id, _)| id.clone());
    let from_domain = catalog.domains.get(domain).into_iter().flat_map(|d| d.implies.iter().cloned());
    let mut open: Vec<Id> = stated.chain(from_domain.filter(|id| !denied(id))).collect();
    // Who names a relational database that is in use runs one, whatever else the sentence says.
    let runs = |t: &TechnologyMention| {
        let technology = catalog.technologies.get(&t.id);
        t.stance == Stance::Existing && technology.is_some_and(|t| t.has("relational") && !t.has("embedded"))
    };
    let relational = Id::slug("existing-relational");
    if brief.technologies.iter().any(runs) && !denied(&relational) {
        open.push(relational);
    }
    let mut holding = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !holding.insert(id.clone()) {
            continue;
        }
        if let Some(spec) = catalog.lexicon.signals.get(&id) {
            open.extend(spec.implies.iter().filter(|i| !denied(i)).cloned());
        }
    }
    holding
}

/// Circumstances as conditions see them.
pub struct View<'b> {
    context: &'b Context<'b>,
    values: &'b Values,
    chosen: &'b dyn Fn(&str, &str) -> bool,
}

impl Circumstances for View<'_> {
    fn signal(&self, id: &str) -> bool {
        self.context.signals.contains(id)
    }

    fn number(&self, input: Input, horizon: Horizon) -> f64 {
        self.values.get(input, horizon)
    }

    fn stated(&self, input: Input) -> bool {
        self.context.brief.numbers.contains_key(&input)
    }

    fn domain(&self, id: &str) -> bool {
        self.context.domain == *id
    }

    fn technology(&self, relation: Relation, id: &str) -> bool {
        let stances: &[Stance] = match relation {
            Relation::Uses => &[Stance::Existing],
            Relation::Wants => &[Stance::Wanted, Stance::Required],
            Relation::Rejects => &[Stance::Rejected],
            Relation::Knows => &[Stance::Known],
            Relation::Considers => &[Stance::Considered],
        };
        stances.iter().any(|s| self.context.brief.names(id, *s))
    }

    fn chosen(&self, decision: &str, option: &str) -> bool {
        (self.chosen)(decision, option)
    }
}

/// Whether an input is sampled and searched for flips: everything uncertain that is not derived.
#[must_use]
pub fn varies(context: &Context, input: Input) -> bool {
    if context.is_derived(input) || input.kind() == InputKind::Existing {
        return false;
    }
    let estimate = context.estimate(input, Horizon::Later);
    estimate.high > estimate.low
}
