//! Access patterns, run and judged.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use loadcase_model::{Figure, Origin, Outcome, PatternProof, PatternSample, Unit};

use crate::input::{Filled, Pattern, Touch};
use crate::plan::{Seen, Sizes};
use crate::sample::{Sample, Sampler};
use crate::seed::Seed;
use crate::session::{Answer, Fault, Session, ident, idents, literal};

/// Rows read for each row used, and rows read at all, from which on a pattern is badly served.
const AMPLIFICATION: f64 = 20.0;
const SCANNED: f64 = 200.0;

/// Blocks a statement may touch: some, and some for each row it uses; a write also for each index of the table.
const BLOCKS: f64 = 64.0;
const BLOCKS_PER_ROW: f64 = 8.0;

/// Growth of the blocks for each row used, from a tenth of the rows. Fewer blocks than some, and than an index of
/// three levels and a page for each row, show nothing: so much is touched where each row is looked up by itself.
const GROWTH: f64 = 2.0;
const FEW: f64 = 32.0;
const FEW_PER_ROW: f64 = 4.0;

/// How long one statement may take.
pub(crate) const STATEMENT_S: u64 = 20;

/// Runs for the percentiles, and how long they may take together.
const RUNS: usize = 200;
const RUNS_MS: u64 = 300;

/// Attempts at a row that is not there yet.
const FRESH: u64 = 8;

/// Who runs statements, and how.
pub(crate) struct Runner<'a> {
    pub(crate) seed: &'a Seed,
    pub(crate) role: &'a str,
    pub(crate) setting: Option<&'a str>,
    pub(crate) sizes: &'a Sizes,
    /// A connection that sees every row.
    pub(crate) owner: &'a mut Session,
    /// A connection for the application's statements.
    pub(crate) session: &'a mut Session,
}

/// What was seen of a pattern at one size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) runs: Vec<(Sample, Seen)>,
    pub(crate) generic: Option<Seen>,
    pub(crate) faults: Vec<String>,
    /// Milliseconds, sorted.
    pub(crate) times: Vec<f64>,
    /// Indexes that a write of a row changes; zero for what reads.
    pub(crate) indexes: f64,
}

/// Reads how large tables are.
pub(crate) fn sizes(session: &mut Session, seed: &Seed) -> Answer<Sizes> {
    let rows =
        session.rows("SELECT relname, relpages, reltuples FROM pg_class WHERE relkind IN ('r', 'p')")?;
    let mut pages = BTreeMap::new();
    for row in rows {
        if let [Some(name), Some(n), Some(rows)] = row.as_slice() {
            pages.insert(name.clone(), (n.parse().unwrap_or(0.0), rows.parse().unwrap_or(0.0)));
        }
    }
    // Indexes of partitions were made again after the load.
    let structure = crate::structure::Structure::read(session)?;
    debug_assert!(
        seed.structure.tables.keys().all(|t| structure.tables.contains_key(t)),
        "filling drops no tables"
    );
    Ok(Sizes { pages, parts: structure.parts })
}

impl Runner<'_> {
    /// Makes the connection that of the application.
    pub(crate) fn settle(&mut self) -> Answer<()> {
        let path = idents(&self.seed.structure.schemas);
        let path = if path.is_empty() { "public".to_owned() } else { format!("{path}, public") };
        self.session.run(&format!(
            "SET search_path = {path}; SET statement_timeout = '{STATEMENT_S}s'; SET max_parallel_workers_per_gather = 0; SET jit = off"
        ))
    }

    /// Runs a pattern with each of its samples.
    pub(crate) fn measure(&mut self, pattern: &Pattern, timed: bool) -> Measured {
        let mut measured = Measured::default();
        if let Err(fault) = self.try_measure(pattern, timed, &mut measured) {
            measured.faults.push(told(&fault));
        }
        // A failed statement leaves the connection as it was.
        let _ = self.session.run("ROLLBACK; RESET ROLE; DEALLOCATE ALL");
        measured
    }

    fn try_measure(&mut self, pattern: &Pattern, timed: bool, measured: &mut Measured) -> Answer<()> {
        let seed = self.seed;
        let Some(table) = seed.structure.tables.get(&pattern.table) else {
            measured.faults.push(format!("the schema has no table {}", pattern.table));
            return Ok(());
        };
        let own = self.setting.filter(|_| pattern.application && table.is_shared()).map(|s| (self.role, s));
        let sampler = Sampler { seed, pattern, table, own };
        let mut samples = sampler.all(self.owner, 0)?;
        if samples.is_empty() {
            measured.faults.push("no row has values for its parameters".to_owned());
            return Ok(());
        }
        if pattern.touch.writes() {
            measured.indexes = table.indexes.len() as f64;
        }
        self.prepare(pattern)?;
        for (n, sample) in samples.iter_mut().enumerate() {
            match self.with_luck(pattern, &sampler, n, sample) {
                Ok(seen) => measured.runs.push((sample.clone(), seen)),
                Err(fault) => measured.faults.push(format!("{}: {}", sample.which, told(&fault))),
            }
        }
        for (child, columns) in self
            .seed
            .structure
            .unindexed
            .iter()
            .filter(|(_, _, to)| *to == pattern.table)
            .map(|(c, f, _)| (c, f))
        {
            if pattern.touch == Touch::Delete && self.seed.layout.count(child) as f64 > SCANNED {
                measured
                    .faults
                    .push(format!("each removal reads all of {child}: no index begins with {columns}"));
            }
        }
        if !measured.runs.is_empty() {
            measured.generic = self.explain(&samples[0], "force_generic_plan", false).ok();
            if timed && measured.faults.is_empty() {
                measured.times = self.times(&samples)?;
            }
        }
        Ok(())
    }

    /// Runs a sample; where a constraint refuses it by chance, another row, or the same with references unchecked.
    fn with_luck(
        &mut self,
        pattern: &Pattern,
        sampler: &Sampler<'_>,
        n: usize,
        sample: &mut Sample,
    ) -> Answer<Seen> {
        let mut done = self.explain(sample, "force_custom_plan", true);
        let fresh = pattern.parameters.iter().any(|p| p.filled == Filled::Fresh);
        for nth in 1..FRESH {
            if !(fresh && done.as_ref().is_err_and(Fault::is_constraint)) {
                break;
            }
            if let Some(other) = sampler.all(self.owner, nth)?.into_iter().nth(n) {
                *sample = other;
                done = self.explain(sample, "force_custom_plan", true);
            }
        }
        if pattern.touch == Touch::Delete && done.as_ref().is_err_and(Fault::is_reference) {
            // The application removes what refers to a row first; how the row is found is the same without.
            sample.unchecked = Some(self.taken_on(pattern)?.unwrap_or_else(|| "none".to_owned()));
            sample.which.push_str(", references unchecked");
            done = self.explain(sample, "force_custom_plan", true);
        }
        done
    }

    /// The role a pattern runs as; none for the one that loaded the schema.
    fn taken_on(&mut self, pattern: &Pattern) -> Answer<Option<String>> {
        if pattern.application {
            return Ok(Some(self.role.to_owned()));
        }
        let Some(role) = &pattern.role else { return Ok(None) };
        let there = self.owner.one(&format!("SELECT 1 FROM pg_roles WHERE rolname = {}", literal(role)))?;
        Ok(there.map(|_| role.clone()))
    }

    fn prepare(&mut self, pattern: &Pattern) -> Answer<()> {
        let table = &self.seed.structure.tables[&pattern.table];
        let types: Vec<String> = pattern
            .parameters
            .iter()
            .map(|p| {
                let of = table.column(&p.column).map_or("unknown", |c| c.sql_type.as_str());
                match p.filled {
                    Filled::List(_) => format!("{of}[]"),
                    Filled::Word => "text".to_owned(),
                    Filled::Part => "jsonb".to_owned(),
                    _ => of.to_owned(),
                }
            })
            .collect();
        let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
        if let Some(role) = self.taken_on(pattern)? {
            self.session.run(&format!("SET ROLE {}", ident(&role)))?;
        }
        self.session
            .run(&format!("PREPARE pattern{types} AS {}", pattern.statement.trim().trim_end_matches(';')))
    }

    fn begin(&mut self, sample: &Sample, mode: &str) -> Answer<()> {
        let mut sql = format!("BEGIN; SET LOCAL plan_cache_mode = {mode}");
        if let Some(role) = &sample.unchecked {
            sql.push_str("; SET LOCAL ROLE none; SET LOCAL session_replication_role = replica");
            if role != "none" {
                sql.push_str(&format!("; SET LOCAL ROLE {}", ident(role)));
            }
        }
        if let (Some(setting), Some(tenant)) = (self.setting, &sample.tenant) {
            sql.push_str(&format!("; SELECT set_config({}, {}, true)", literal(setting), literal(tenant)));
        }
        if let Some(before) = &sample.before {
            sql.push_str(&format!("; {before}"));
        }
        self.session.run(&sql)
    }

    fn explain(&mut self, sample: &Sample, mode: &str, run: bool) -> Answer<Seen> {
        self.begin(sample, mode)?;
        let options = if run { "ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON" } else { "FORMAT JSON" };
        let explain = format!("EXPLAIN ({options}) {}", execute(sample));
        let mut done = self.session.one(&explain);
        self.session.run("ROLLBACK")?;
        if run && done.is_ok() {
            // The first run also reads the server's catalog, which later ones remember.
            self.begin(sample, mode)?;
            done = self.session.one(&explain);
            self.session.run("ROLLBACK")?;
        }
        let text = done?.unwrap_or_default();
        Seen::read(&text, self.sizes).ok_or_else(|| Fault {
            code: "XX000".to_owned(),
            message: "the plan cannot be read".to_owned(),
            constraint: None,
            position: None,
        })
    }

    fn times(&mut self, samples: &[Sample]) -> Answer<Vec<f64>> {
        let mut times = Vec::new();
        let until = Instant::now() + Duration::from_millis(RUNS_MS);
        for n in 0..RUNS {
            let sample = &samples[n % samples.len()];
            self.begin(sample, "auto")?;
            let start = Instant::now();
            let done = self.session.rows(&execute(sample));
            times.push(start.elapsed().as_secs_f64() * 1e3);
            self.session.run("ROLLBACK")?;
            done?;
            if Instant::now() > until {
                break;
            }
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }
}

fn execute(sample: &Sample) -> String {
    let values =
        if sample.values.is_empty() { String::new() } else { format!("({})", sample.values.join(", ")) };
    format!("EXECUTE pattern{values}")
}

/// What the server said, where it is not plain what that means here.
fn told(fault: &Fault) -> String {
    if fault.is_refusal() {
        format!("the role is refused: {fault}")
    } else if fault.is_timeout() {
        "no answer in time".to_owned()
    } else {
        fault.to_string()
    }
}

/// Judges a pattern by what was seen at the smaller and the larger size.
pub(crate) fn judge(pattern: &Pattern, small: &Measured, large: &Measured) -> PatternProof {
    let mut reasons = Vec::new();
    for (sample, seen) in &large.runs {
        reasons.extend(faults(pattern, sample, seen, large.indexes));
    }
    if let Some(generic) = &large.generic
        && pattern.rows.is_some()
    {
        // Where reading all of a table was right for the rows at hand, it is right without knowing them.
        let right = |t: &&String| {
            large.runs.iter().any(|(_, s)| s.whole.contains(*t) && s.amplification() <= AMPLIFICATION)
        };
        let whole = generic
            .whole
            .iter()
            .filter(|t| !right(t))
            .map(|t| format!("planned without its parameters, it reads all of {t}"));
        reasons.extend(whole);
    }
    let growth = growth(pattern, small, large);
    if let Some((factor, which)) = growth.as_ref().filter(|(factor, _)| *factor > GROWTH) {
        reasons.push(format!(
            "{which}: blocks for each row used grow {} with ten times the rows",
            measured_text(*factor, Unit::Times)
        ));
    }
    reasons.extend(large.faults.iter().cloned());
    reasons.dedup();
    let outcome = match (large.runs.is_empty(), reasons.is_empty()) {
        (_, false) if large.runs.is_empty() && large.faults.iter().all(|f| f.starts_with("no row has")) => {
            Outcome::Unproven
        }
        (true, true) => Outcome::Unproven,
        (_, true) => Outcome::Holds,
        _ => Outcome::Fails,
    };
    let worst = |of: &dyn Fn(&Seen) -> f64| large.runs.iter().map(|(_, s)| of(s)).fold(0.0, f64::max);
    let mut found_by: Vec<String> = large.runs.iter().flat_map(|(_, s)| s.found_by.clone()).collect();
    found_by.sort();
    found_by.dedup();
    PatternProof {
        name: pattern.name.clone(),
        title: pattern.title.clone(),
        table: pattern.table.clone(),
        statement: pattern.statement.clone(),
        outcome,
        reasons,
        meant: pattern.served_by.clone(),
        found_by,
        generic: large.generic.as_ref().map_or_else(Vec::new, |g| g.found_by.clone()),
        samples: large.runs.iter().map(|(sample, seen)| shown(sample, seen)).collect(),
        amplification: explained(worst(&Seen::amplification), Unit::Times),
        blocks: explained(worst(&|s| s.blocks), Unit::One),
        growth: growth.map(|(factor, _)| explained(factor, Unit::Times)),
        p50: percentile(&large.times, 0.5),
        p95: percentile(&large.times, 0.95),
    }
}

/// What is wrong with one run.
fn faults(pattern: &Pattern, sample: &Sample, seen: &Seen, indexes: f64) -> Vec<String> {
    let mut found = Vec::new();
    let which = &sample.which;
    let amplification = seen.amplification();
    if seen.scanned > SCANNED && amplification > AMPLIFICATION {
        found.push(format!(
            "{which}: {} read for {} used",
            measured_text(seen.scanned, Unit::One),
            measured_text(seen.used, Unit::One)
        ));
    }
    if seen.blocks > BLOCKS + BLOCKS_PER_ROW * (1.0 + indexes) * seen.used {
        found.push(format!(
            "{which}: {} blocks touched for {} rows",
            measured_text(seen.blocks, Unit::One),
            measured_text(seen.used, Unit::One)
        ));
    }
    // Reading a table whole is right where a good part of it is used.
    if amplification > AMPLIFICATION {
        found.extend(seen.whole.iter().map(|t| format!("{which}: it reads all of {t}")));
    }
    if let Some(most) =
        pattern.rows.filter(|most| pattern.touch == Touch::Read && seen.used > most.max(1.0) * 1.5)
    {
        found.push(format!(
            "{which}: {} rows where at most {} were declared",
            measured_text(seen.used, Unit::One),
            explained(most, Unit::One).text()
        ));
    }
    found
}

/// The worst growth of the blocks for each row used, and of which sample.
fn growth(pattern: &Pattern, small: &Measured, large: &Measured) -> Option<(f64, String)> {
    if pattern.touch == Touch::Insert {
        return None;
    }
    let each = |seen: &Seen| seen.blocks.max(1.0) / seen.used.max(1.0);
    let pairs = large.runs.iter().filter_map(|(sample, now)| {
        let (_, before) = small.runs.iter().find(|(s, _)| s.which == sample.which)?;
        let factor = each(now) / each(before);
        let few = now.blocks <= FEW + FEW_PER_ROW * (1.0 + large.indexes) * now.used;
        let factor = if few { factor.min(GROWTH) } else { factor };
        Some((factor, sample.which.clone()))
    });
    pairs.max_by(|(a, _), (b, _)| a.total_cmp(b))
}

fn shown(sample: &Sample, seen: &Seen) -> PatternSample {
    PatternSample {
        which: sample.which.clone(),
        found_by: seen.found_by.join(", "),
        used: explained(seen.used, Unit::One),
        scanned: explained(seen.scanned, Unit::One),
        blocks: explained(seen.blocks, Unit::One),
    }
}

fn percentile(times: &[f64], share: f64) -> Option<Figure> {
    let last = times.len().checked_sub(1)?;
    let at = (last as f64 * share).round() as usize;
    Some(measured(
        times[at],
        Unit::Milliseconds,
        "time of one statement seen by the client, one connection, warm",
    ))
}

fn explained(value: f64, unit: Unit) -> Figure {
    measured(value, unit, "EXPLAIN (ANALYZE, BUFFERS)")
}

/// A figure that was observed.
pub(crate) fn measured(value: f64, unit: Unit, by: &str) -> Figure {
    Figure { value, unit, origin: Origin::Measured { by: by.to_owned() } }
}

/// An observed quantity in a sentence, with its letter.
pub(crate) fn measured_text(value: f64, unit: Unit) -> String {
    explained(value, unit).tagged()
}
