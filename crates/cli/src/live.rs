//! Live sources, as the command line asks for them, and what was fetched before.

use std::path::PathBuf;
use std::time::Duration;

use loadcase_engine::facts::{Inventory, Knowledge};
use loadcase_sources::{
    Base, Bounds, Cache, Client, DepsDev, EndOfLife, Gathered, Http, Osv, Program, Source, Wanted, folded,
};

use crate::args::{Places, SourceName};
use crate::error::CommandError;
use crate::terminal;

/// Largest answer that is kept, bytes.
const KEPT: u64 = 4 * 1024 * 1024;

/// The folder of what was fetched: `$XDG_CACHE_HOME/loadcase/facts`, else below the home folder.
pub(crate) fn cache() -> Option<Cache> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(Cache::new(folder.join("loadcase").join("facts"), KEPT))
}

fn base(said: Option<&str>, usual: &str) -> Result<Base, CommandError> {
    Base::new(said.unwrap_or(usual)).map_err(|e| CommandError::Usage {
        message: e.to_string(),
        help: "name the base address of the source or of a mirror of it".to_owned(),
    })
}

fn http(places: &Places, today: &str, fresh_days: i64) -> Http {
    let attempt = Duration::from_secs(places.timeout);
    let bounds = Bounds { attempt, whole: attempt * 4, fresh_days, ..Bounds::default() };
    Http::new(bounds, cache(), today)
}

/// The sources of the given names.
pub(crate) fn sources(
    names: &[SourceName],
    places: &Places,
    today: &str,
) -> Result<Vec<Box<dyn Source>>, CommandError> {
    let http = || http(places, today, 0);
    let client = |program: Program| -> Box<dyn Source> {
        Box::new(Client::new(program, program.command(), Duration::from_secs(places.timeout), today))
    };
    let mut found: Vec<Box<dyn Source>> = Vec::new();
    for name in names {
        found.push(match name {
            SourceName::Endoflife => {
                Box::new(EndOfLife::new(base(places.endoflife_url.as_deref(), EndOfLife::BASE)?, http()))
            }
            SourceName::Osv => Box::new(Osv::new(base(places.osv_url.as_deref(), Osv::BASE)?, http())),
            SourceName::DepsDev => {
                Box::new(DepsDev::new(base(places.depsdev_url.as_deref(), DepsDev::BASE)?, http()))
            }
            SourceName::Npm => client(Program::Npm),
            SourceName::Pip => client(Program::Pip),
            SourceName::Cargo => client(Program::Cargo),
        });
    }
    Ok(found)
}

/// Asks sources for what an inventory names; says before where they are.
pub(crate) fn ask(sources: &[Box<dyn Source>], inventory: &Inventory, known: &mut Knowledge) -> Vec<String> {
    let wanted = Wanted::of(inventory, known);
    let places: Vec<String> = sources.iter().map(|s| s.place()).collect();
    terminal::message(&format!(
        "asking {}: names of {} technologies and {} packages with their versions leave this machine",
        places.join(", "),
        wanted.lifecycles.len(),
        wanted.packages.len()
    ));
    let mut gathered = Gathered::default();
    for source in sources {
        gathered.add(source.gather(&wanted, &mut |done, all| {
            if done == all && all > 0 {
                terminal::message(&format!("  {}: {done} asked for", source.name()));
            }
        }));
    }
    let unanswered = folded(&std::mem::take(&mut gathered.unanswered));
    gathered.apply(known);
    unanswered
}

/// Puts what was fetched before on top of what is delivered, where it is newer.
pub(crate) fn with_cache(known: &mut Knowledge, places: &Places, today: &str) -> Result<(), CommandError> {
    let Some(cache) = cache().filter(|c| c.folder().is_dir()) else { return Ok(()) };
    let base = base(places.endoflife_url.as_deref(), EndOfLife::BASE)?;
    let wanted = Wanted::lifecycles(known);
    let kept = EndOfLife::new(base, Http::from_cache(cache, today)).gather(&wanted, &mut |_, _| {});
    for lifecycle in kept.lifecycles {
        if known.lifecycle(&lifecycle.id).is_none_or(|old| old.as_of <= lifecycle.as_of) {
            known.put_lifecycle(lifecycle);
        }
    }
    Ok(())
}

/// Asks endoflife.date for every lifecycle that is known; what is of today is not asked for again, so that a refresh
/// that was broken off goes on where it ended.
pub(crate) fn refresh(known: &Knowledge, places: &Places, today: &str) -> Result<Gathered, CommandError> {
    let base = base(places.endoflife_url.as_deref(), EndOfLife::BASE)?;
    let source = EndOfLife::new(base, http(places, today, 1));
    let wanted = Wanted::lifecycles(known);
    terminal::message(&format!(
        "asking {}: names of {} technologies leave this machine",
        source.place(),
        wanted.lifecycles.len()
    ));
    Ok(source.gather(&wanted, &mut |done, all| {
        if done % 20 == 0 || done == all {
            terminal::message(&format!("  {done} of {all}"));
        }
    }))
}
