//! What `--full` adds: decisions, forecasts, growth path, gate, every input.

use loadcase_model::{Decision, Forecast, GateStatus, Horizon, Tag};

use super::{FLIPS, Line, Page, Style, flip_row, ranked_risks};
use crate::text::plain::prose;
use crate::text::{clean, sentence};

impl Page<'_> {
    pub(super) fn everything_else(&mut self) {
        let design = self.view.design;
        for decision in &design.decisions {
            self.decision(decision);
        }
        for horizon in Horizon::ALL {
            self.forecast(design.forecasts.at(horizon));
        }
        self.growth();
        self.every_risk();
        self.inputs();
        self.red_flags();
        self.gate();
    }

    fn title(&mut self, text: &str) {
        self.blank();
        let lead = text.chars().count();
        self.lines.push(Line { text: text.to_owned(), lead, style: Style::Plain });
    }

    fn decision(&mut self, decision: &Decision) {
        self.title(&format!("DECISION {}", prose(&decision.question, Tag::Computed)));
        let verdict = &decision.verdict;
        self.section(
            "",
            &sentence(&format!("{}: {}", clean(&verdict.name), prose(&verdict.summary, Tag::Computed))),
        );
        for driver in &decision.drivers {
            let worth =
                driver.worth.as_ref().map_or_else(String::new, |w| format!(" (worth {})", w.tagged()));
            self.section("because", &format!("{}{worth}", prose(&driver.because, Tag::Computed)));
        }
        for option in &decision.alternatives {
            let gap = match (&option.behind, option.feasible) {
                (Some(behind), _) => format!(", {} behind", behind.tagged()),
                (None, false) => ", misses a requirement".to_owned(),
                (None, true) => String::new(),
            };
            let why =
                self.stock.own(option).map_or_else(String::new, |r| format!(": {}", prose(r, Tag::Computed)));
            self.section("not", &sentence(&format!("{}{gap}{why}", clean(&option.name))));
        }
        let flips: Vec<_> = decision.flips.iter().map(|f| (Style::Plain, flip_row(f).to_vec())).collect();
        if !flips.is_empty() {
            self.table("flips", &FLIPS, flips);
        }
        self.section("holds", &format!("in {} of sampled assumptions", decision.holds.tagged()));
        if let Some(pin) = &decision.pin {
            let stands = if pin.departs { "departs from" } else { "follows" };
            let because = prose(&pin.because, Tag::Computed);
            self.section(
                "pinned",
                &format!("{stands} {} ({}): {because}", pin.established, clean(&pin.place.to_string())),
            );
        }
    }

    fn forecast(&mut self, forecast: &Forecast) {
        self.title(&format!("FORECAST {}", forecast.horizon.label()));
        let availability = &forecast.availability;
        self.section(
            "",
            &format!(
                "{} at the peak; p50 {}, p95 {}, p99 {}; answers {} of the time ({} down a month); a failure of \
                 the primary store loses at most {} and lasts {}. Full at {}: {}.",
                forecast.arrivals.tagged(),
                forecast.latency.p50.tagged(),
                forecast.latency.p95.tagged(),
                forecast.latency.p99.tagged(),
                availability.share.tagged(),
                availability.downtime_month.tagged(),
                availability.recovery_point.tagged(),
                availability.recovery_time.tagged(),
                forecast.saturation.rate.tagged(),
                clean(self.view.label(&forecast.saturation.station)),
            ),
        );
        let stations = forecast.stations.iter().map(|(id, s)| {
            let name = clean(self.view.label(id));
            (Style::Plain, vec![name, s.utilisation.tagged(), s.throughput.tagged(), s.wait.tagged()])
        });
        let stations: Vec<_> = stations.collect();
        self.table("parts", &["", "busy", "visits", "mean wait"], stations);
        let operations = forecast.operations.iter().map(|(id, o)| {
            let name = clean(self.view.blueprint().operations.get(id).map_or(id.as_str(), |o| &o.name));
            (Style::Plain, vec![name, o.rate.tagged(), o.latency.p50.tagged(), o.latency.p99.tagged()])
        });
        let operations: Vec<_> = operations.collect();
        self.table("work", &["", "rate", "p50", "p99"], operations);
        let lines = forecast.cost.iter().map(|line| {
            (
                Style::Plain,
                vec![clean(&line.item), line.monthly.tagged(), prose(&line.arithmetic, Tag::Computed)],
            )
        });
        let lines: Vec<_> = lines.collect();
        self.table("bill", &["", "each month", "how"], lines);
        let people =
            forecast.people.iter().map(|p| (Style::Plain, vec![clean(&p.item), p.engineers.tagged()]));
        let people: Vec<_> = people.collect();
        self.table("people", &["", "to run it"], people);
    }

    fn growth(&mut self) {
        let design = self.view.design;
        self.title("GROWTH PATH");
        for step in &design.growth {
            let station = clean(self.view.label(&step.station));
            self.section(
                "",
                &format!(
                    "At {} ({station} is full): {}",
                    step.at.tagged(),
                    sentence(&prose(&step.action, Tag::Computed))
                ),
            );
            self.under(&format!("Watch {}", sentence(&prose(&step.trigger, Tag::Assumed))));
            self.under(&format!(
                "Back: {} Bill then: {}.",
                sentence(&prose(&step.undo, Tag::Assumed)),
                step.monthly.tagged()
            ));
        }
    }

    fn every_risk(&mut self) {
        self.title("RISKS");
        for risk in ranked_risks(self.view.design) {
            self.section(&risk.severity, &format!("{} {}", risk.text, risk.mitigation));
        }
    }

    fn inputs(&mut self) {
        self.title("INPUTS");
        let rows = self.view.design.readings.iter().map(|r| {
            let sways = format!("sways {}", r.sways.tagged());
            let told = r.later.origin.describe();
            // The user's own words stay as they are.
            let given = r.later.origin.is_given();
            let origin = if given { clean(&told) } else { prose(&told, r.later.origin.tag()) };
            (Style::Plain, vec![r.input.label().to_owned(), r.now.tagged(), r.later.tagged(), sways, origin])
        });
        let rows: Vec<_> = rows.collect();
        self.columns(2, &rows);
    }

    fn red_flags(&mut self) {
        let design = self.view.design;
        if design.findings.is_empty() {
            return;
        }
        self.title("RED FLAGS");
        for finding in &design.findings {
            let message = sentence(&prose(&finding.message, Tag::Computed));
            let fix = sentence(&prose(&finding.fix, Tag::Assumed));
            self.section(finding.severity.as_str(), &format!("{message} {fix} [{}]", finding.rule));
        }
    }

    fn gate(&mut self) {
        let design = self.view.design;
        self.title("QUALITY GATE");
        for line in &crate::quality::lines(design, self.view.catalog) {
            let (style, mark) = match line.status {
                GateStatus::Pass => (Style::Good, "✓"),
                GateStatus::Fail => (Style::Bad, "✗"),
                GateStatus::Unknown => (Style::Plain, "?"),
            };
            let text = format!("  {mark} {}", prose(&line.check, Tag::Computed));
            let wrapped = crate::text::plain::wrap(&text, self.width - 4, 4);
            for (i, text) in wrapped.into_iter().enumerate() {
                let style = if i == 0 { style } else { Style::Plain };
                let text = if i == 0 { format!("  {}", text.trim_start()) } else { text };
                self.lines.push(Line { text, lead: 0, style });
            }
            for evidence in &line.evidence {
                self.under(&prose(evidence, Tag::Computed));
            }
        }
    }
}
