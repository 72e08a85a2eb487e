//! A scenario in short: what happens comes sooner, and the run ends when its outcome is known.

use loadcase_catalog::Time;
use loadcase_simulate::Prepared;

use super::case::Case;

/// Seconds before anything happens: what comes after is compared with them.
const BEFORE: f64 = 12.0;
/// Seconds after the last change that a system has to be back in.
const AFTER: f64 = 30.0;
/// Of those, what is judged, counted from the end: from, until.
const JUDGED: (f64, f64) = (15.0, 2.0);

impl Case<'_> {
    /// The same with less of the time in which nothing happens, before it and after it. Who is back in the short time
    /// after it is back in the whole one too; who is not has to be run as it stands. None where nothing is saved.
    pub(crate) fn in_short(&self, prepared: &Prepared) -> Option<Self> {
        let (from, until) = self.disturbed()?;
        let again = self.scenario.changes.iter().any(|c| c.every.is_some());
        let earlier = (from - BEFORE).max(0.0);
        // Standbys and the last of several copies come later than the scenario knows.
        let changes = prepared.network.changes.iter().map(|c| c.at);
        let last = changes.fold(until, f64::max) - earlier;
        let length = last + AFTER;
        if again || length >= self.scenario.length.seconds() {
            return None;
        }
        let mut short = self.clone();
        let scenario = &mut short.scenario;
        let sooner = |time: &mut Time| time.0 = (time.0 - earlier).max(0.0);
        scenario.changes.iter_mut().for_each(|c| sooner(&mut c.at));
        scenario.load.iter_mut().for_each(|l| sooner(&mut l.at));
        sooner(&mut scenario.warm_up);
        for (from, until) in scenario.windows.values_mut() {
            sooner(from);
            sooner(until);
            if from.0 >= last {
                (from.0, until.0) = (length - JUDGED.0, length - JUDGED.1);
            }
        }
        scenario.length = Time(length);
        Some(short)
    }
}
