//! Changes of a system that a scenario brings along.

use loadcase_catalog::scenario::{CacheSpec, System};
use loadcase_model::{Understood, Unit};

use super::apply::{EVERY, Edit, call, no_part, told};
use super::{ChangeError, Given, Value, understood};

impl Edit {
    /// Understands a change of a scenario's own system.
    pub(crate) fn read_system(given: &Given<'_>, system: &System) -> Result<(Self, Understood), ChangeError> {
        let name = given.name;
        let Some(property) = given.property else {
            return Err(no_part(name, &known(system)));
        };
        if name == EVERY {
            return call(given, EVERY, "every caller", property);
        }
        if system.calls.contains_key(name) {
            return call(given, name, name, property);
        }
        let mut changed = system.clone();
        let what = if let Some(cache) = changed.caches.get_mut(name) {
            set_cache(given, cache, property)?
        } else if system.stations.contains_key(name) || system.pools.contains_key(name) {
            return part(given, system, property);
        } else {
            return Err(no_part(name, &known(system)));
        };
        Ok((Self::System(Box::new(changed)), told(given, format!("{name}: {what}"))))
    }
}

/// Every name that a change may begin with.
fn known(system: &System) -> Vec<String> {
    let all = system.stations.keys().chain(system.pools.keys()).chain(system.calls.keys());
    all.chain(system.caches.keys()).cloned().collect()
}

fn set_cache(given: &Given<'_>, cache: &mut CacheSpec, property: &str) -> Result<&'static str, ChangeError> {
    match (property, given.parsed()?) {
        ("late-fill", Value::Switch(on)) => {
            cache.late_fill = Some(on);
            Ok("replies that come too late fill it")
        }
        ("coalesce", Value::Switch(on)) => {
            cache.coalesce = Some(on);
            // A fetch that others wait for is kept, however late it comes.
            cache.late_fill = Some(on || cache.late_fill.unwrap_or(false));
            Ok("one fetch for each key, and late replies fill it")
        }
        _ => Err(ChangeError::new(
            format!("a cache has no `{property}` that could be `{}`", given.value),
            "what can be changed: late-fill=on, coalesce=on",
        )),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
fn part(given: &Given<'_>, system: &System, property: &str) -> Result<(Edit, Understood), ChangeError> {
    let name = given.name;
    let value = given.parsed()?;
    let mut changed = system.clone();
    let size = |before: Option<u32>| {
        let before = f64::from(before.unwrap_or(1));
        value.of(before).map(|to| (before, to.ceil())).filter(|(_, to)| (1.0..=1e6).contains(to))
    };
    let wrong = || {
        ChangeError::new(
            format!("`{}` is nothing that `{name}` can have", given.text),
            format!(
                "what can be changed: {name}.copies (or servers, size), {name}.queue=50, {name}.drop-expired=on"
            ),
        )
    };
    match property {
        "copies" | "servers" | "size" | "places" | "vcpu" => {
            let (before, to) = if let Some(station) = changed.stations.get_mut(name) {
                let sizes = size(station.servers).ok_or_else(wrong)?;
                station.servers = Some(sizes.1 as u32);
                sizes
            } else if let Some(pool) = changed.pools.get_mut(name) {
                let sizes = size(pool.size).ok_or_else(wrong)?;
                pool.size = Some(sizes.1 as u32);
                sizes
            } else {
                return Err(wrong());
            };
            let what = format!("{name}: size");
            let told = understood(given.text, what, Unit::One, Some(before), Some(to));
            Ok((Edit::System(Box::new(changed)), told))
        }
        "queue" => {
            let (each, exactly) = match value {
                Value::Times(each) => (Some(each), None),
                Value::Exactly(n) if n < 1e6 => (None, Some(n as u32)),
                _ => return Err(wrong()),
            };
            let what = format!("{name}: {} may wait, more are refused", given.value);
            Ok((Edit::Queue { part: name.to_owned(), each, exactly }, told(given, what)))
        }
        "drop-expired" if value == Value::Switch(true) => {
            let what = format!("{name}: work that nobody waits for any more is dropped");
            Ok((Edit::DropExpired { part: name.to_owned() }, told(given, what)))
        }
        "autoscale" => match value {
            Value::Times(most) if (1.0..=1000.0).contains(&most) => {
                let what = format!("{name}: grows when it is busy, up to {most} times its size");
                Ok((Edit::Autoscale { part: name.to_owned(), most }, told(given, what)))
            }
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}
