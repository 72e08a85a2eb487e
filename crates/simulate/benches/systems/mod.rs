//! The four models that speed is measured on, as scenario files of their own, read the way any scenario is. The time
//! unit is a mean service time, written as one second.

use loadcase_catalog::Scenario;
use loadcase_model::yaml;
use loadcase_simulate::{Network, from_scenario};

/// A model: its name, visits in a time unit, stations, steps, requests in a time unit.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) visits: f64,
    stations: &'static str,
    steps: &'static str,
    rate: f64,
}

pub(crate) const MODELS: [Model; 4] = [
    Model { name: "mm1", visits: 0.8, stations: "{a: {servers: 1}}", steps: "[VISIT a]", rate: 0.8 },
    Model { name: "mm8", visits: 6.4, stations: "{a: {servers: 8}}", steps: "[VISIT a]", rate: 6.4 },
    Model {
        name: "tandem5",
        visits: 4.0,
        stations: "{a: {}, b: {}, c: {}, d: {}, e: {}}",
        steps: "[VISIT a, VISIT b, VISIT c, VISIT d, VISIT e]",
        rate: 0.8,
    },
    Model {
        name: "graph10",
        visits: 1.6 * 9.2,
        stations: "{g: TWO, a: TWO, b: TWO, c: TWO, d: TWO, e: TWO, f: TWO, h: TWO, i: TWO, j: TWO}",
        steps: "[VISIT g, {fork: {branches: [[VISIT a, {fork: {branches: [[VISIT d], [VISIT e]]}}], \
                [VISIT b, VISIT f, VISIT h], \
                [VISIT c, VISIT i, {maybe: {probability: 0.2, steps: [VISIT j]}}]]}}]",
        rate: 1.6,
    },
];

impl Model {
    /// The network; with a call around it, clients give up after six hundred time units and try three times more.
    pub(crate) fn network(&self, with_client: bool, rate: f64) -> Network {
        let mut parts = self.steps.split("VISIT ");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (station, rest) = part.split_at(1);
            text.push_str(&format!("{{visit: {{station: {station}, demand: {{mean: 1s}}}}}}{rest}"));
        }
        let (calls, steps) = if with_client {
            (
                "{client: {timeout: 600s, retries: 3, backoff: 1s}}",
                format!("[{{call: {{by: client, steps: {text}}}}}]"),
            )
        } else {
            ("{}", text)
        };
        let stations = self.stations.replace("TWO", "{servers: 2}");
        let scenario = format!(
            "id: {}\nname: Model\nsummary: Model.\nlength: 1s\nsystem:\n  stations: {stations}\n  calls: {calls}\n  \
             operations: {{ask: {{steps: {steps}}}}}\n  load: {{ask: {{rate_per_s: {rate}}}}}\n",
            self.name
        );
        let scenario: Scenario = yaml::read(&scenario).expect("the model is well-formed");
        from_scenario(&scenario).expect("the model is complete").remove(0).network
    }

    /// Requests in a time unit.
    pub(crate) const fn rate(&self) -> f64 {
        self.rate
    }
}
