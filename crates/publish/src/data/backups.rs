//! Copies of what is stored: how long they are kept and where, what erasure has to do with them, and what the
//! provider does not do by itself.

use loadcase_model::{Component, ComponentKind, Figure, Origin, Tag, Unit};

use crate::honesty::{tagged, tagged_text};
use crate::text::markdown::{Doc, name};
use crate::view::View;

/// Days that backups are wanted for: a fault that is found after a holiday can still be undone.
const WANTED_DAYS: u32 = 14;

/// What a dump writes, MB/s: one connection that reads, compresses and sends.
const DUMP_MB_PER_S: f64 = 50.0;

/// Hours that a dump may take each night.
const NIGHT_H: f64 = 4.0;

/// Days back to which the provider restores its own database to any moment, where that is known.
fn offered(view: &View<'_>) -> Option<Figure> {
    let stores = view.components(&[ComponentKind::Store]);
    let relational = |c: &Component| c.managed && view.technology(c).is_some_and(|t| t.has("relational"));
    stores.iter().find(|(_, c)| relational(c))?;
    let provider = view.catalog.technology(view.blueprint().deployment.provider.as_ref()?.as_str())?;
    provider.fact("restore-days-database").map(|f| f.figure("restore-days-database"))
}

/// Days that backups and old versions of files are kept: those wanted, or as many as the provider has.
pub(crate) fn days(view: &View<'_>) -> u32 {
    let most = offered(view).map_or(f64::from(WANTED_DAYS), |f| f.value);
    crate::deploy::whole(most.min(f64::from(WANTED_DAYS)).floor(), 1, WANTED_DAYS)
}

/// How backups are kept, and what stays to be done.
pub(super) fn section(doc: &mut Doc, view: &View<'_>, personal: bool, files: bool) {
    let kept = days(view);
    let offered = offered(view);
    let tag = offered
        .as_ref()
        .filter(|f| f.value < f64::from(WANTED_DAYS))
        .map_or(Tag::Assumed, |f| f.origin.tag());
    let days = tagged_text(&format!("{kept} days"), tag);
    let provider = view.blueprint().deployment.provider.as_ref();
    let provider = provider.and_then(|p| view.catalog.technology(p.as_str())).map(|t| name(&t.name));
    doc.para(format!(
        "Backups are no part of that: a wrong delete or a bad migration is on the standby within the same second. Keep them \
         for {days}, restorable to any moment of these{}{}; restore one each quarter to know how long it takes, {}.",
        match (&offered, &provider) {
            (Some(most), Some(provider)) =>
                format!(": the database service of {provider} does that by itself, for {} days at most", tagged(most)),
            _ => String::new(),
        },
        if files { ", and keep old versions of stored files as long" } else { "" },
        if view.components(&[ComponentKind::Store]).iter().all(|(_, c)| c.managed) {
            "and look through the provider's list of them then, for it sends no metric of their age"
        } else {
            "and let the alert on their age ring"
        },
    ));
    if offered.is_some() {
        elsewhere(doc, view);
    }
    beside(doc, view);
    if personal {
        doc.para(format!(
            "What was erased stays in them until they expire, after {days}: a backup that is restored before gets the erasures \
             since then applied again before anybody is let in. A restored store knows only the erasures from before its own \
             moment, so each is written to a second list outside of it when it is done, such as an object in a locked bucket \
             of another account: the identifier of what was erased and the time, no more, for as long as backups last."
        ));
    }
}

/// Rows that lie in an analytical store and nowhere else: what is said of the primary store does not hold for them.
fn beside(doc: &mut Doc, view: &View<'_>) {
    let blueprint = view.blueprint();
    for (id, component) in view.components(&[ComponentKind::Analytics]) {
        let here = blueprint.entities.values().filter(|e| e.store.as_ref() == Some(id));
        let names: Vec<String> = here.map(|e| name(&e.name)).collect();
        if names.is_empty() {
            continue;
        }
        doc.para(format!(
            "**{store}** is the only place of {}: the bounds of loss and recovery above are those of the primary store, and \
             say nothing of it. Have it copied each day into another account as well, and try a restore: without that, a wrong \
             delete there is final. While it is away, what would add to it is refused and has to be sent again.",
            names.join(", "),
            store = name(&component.name)
        ));
    }
}

/// The copy that survives the loss of the account: nobody makes it by itself.
fn elsewhere(doc: &mut Doc, view: &View<'_>) {
    for (_, component) in view.components(&[ComponentKind::Store]) {
        let Some(capacity) = component.capacity.as_ref().filter(|c| component.managed && c.storage_gb > 0.0)
        else {
            continue;
        };
        let hours = capacity.storage_gb * 1e3 / DUMP_MB_PER_S / 3_600.0;
        let figure = |value: f64, unit, by: &str| {
            let origin = Origin::assumed(value / 2.0, value * 2.0, by);
            tagged(&Figure { value, unit, origin })
        };
        let takes = figure(hours * 3_600.0, Unit::Seconds, "the disk of the store, full, at 50 MB/s");
        let bucket_usd = view
            .catalog
            .technology("s3")
            .and_then(|t| t.fact("usd-month-gb-storage"))
            .map_or(0.023, |f| f.value);
        let copies = figure(
            capacity.storage_gb * bucket_usd * 7.0,
            Unit::UsdPerMonth,
            "seven copies as large as the disk in a bucket",
        );
        doc.para(format!(
            "**To be set up:** these backups lie in the account of the database, and whoever loses or deletes the account loses \
             both. A copy in another account is a task of the team, and in no bill here. {}",
            if hours <= NIGHT_H {
                format!(
                    "A dump of {} each night, by a scheduled job whose key may write there and delete nothing, takes up to {takes} \
                     when the disk is full, and seven of them cost up to {copies}. It restores to that night only, not to any moment.",
                    name(&component.name)
                )
            } else {
                format!(
                    "{} becomes too large for a dump each night: one of its full disk takes {takes}. Copy what is final instead, \
                     such as each finished partition or file once, and the rest by the provider's copies between accounts or by \
                     logical replication to a store there.",
                    name(&component.name)
                )
            }
        ));
    }
}
