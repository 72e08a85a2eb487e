//! `loadcase review`: what is wrong with the architecture of a repository.

use std::io::IsTerminal;
use std::path::Path;

use loadcase_engine::Session;
use loadcase_engine::reviewing::{Baseline, Config, Options, Persona, Rank};
use loadcase_model::{Brief, Review};
use loadcase_publish::findings::{self, Sources};

use crate::args::{self, FailOn, Global, PersonaName, ReviewFormat};
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Review, global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(Some(&options.path))?;
    let how = how(options)?;
    let brief = options.brief.as_deref().map(|name| brief(&session, name)).transpose()?;
    let today = today(options.today.as_deref())?;
    let survey = session.recover(&options.path)?;
    let review = session.review(&survey, brief.as_ref(), None, &how, &today)?;
    let text = match options.format {
        ReviewFormat::Text => {
            let colour = terminal::screen(global.color, false).color;
            findings::text(&review, &sources(&options.path, &review), colour)
        }
        ReviewFormat::Json => findings::json(&review),
        ReviewFormat::Github => findings::github(&review),
        ReviewFormat::Md => findings::markdown(&review),
    };
    terminal::result(&text)?;
    if let Some(path) = &options.write_baseline {
        let baseline = serde_json::to_string_pretty(&Baseline::of(&review))
            .map_err(|e| CommandError::Internal(e.to_string()))?;
        loadcase_publish::replace(path, &format!("{baseline}\n"))?;
    }
    if options.format == ReviewFormat::Text && std::io::stdout().is_terminal() && !review.findings.is_empty()
    {
        terminal::message(
            "next: `loadcase explain RULE` says more; `--write-baseline FILE` keeps what is known",
        );
    }
    Ok(if fails(&review, options.fail_on) { Outcome::Findings } else { Outcome::Fine })
}

fn how(options: &args::Review) -> Result<Options, CommandError> {
    for name in options.select.iter().chain(&options.ignore) {
        if !name.starts_with("family:") && loadcase_engine::reviewing::find(name).is_none() {
            return Err(CommandError::Usage {
                message: format!("there is no rule `{name}`"),
                help: "`loadcase rules` lists the rules; a family is written `family:NAME`".to_owned(),
            });
        }
    }
    Ok(Options {
        persona: match options.persona {
            PersonaName::Regular => Persona::Regular,
            PersonaName::Pedantic => Persona::Pedantic,
            PersonaName::Auditor => Persona::Auditor,
        },
        select: options.select.clone(),
        ignore: options.ignore.clone(),
        config: config(&options.path)?,
        baseline: options.baseline.as_deref().map(baseline).transpose()?,
        no_accept: options.no_accept,
    })
}

/// The `loadcase.toml` of the repository, when it has one.
fn config(root: &Path) -> Result<Option<(String, Config)>, CommandError> {
    let path = root.join("loadcase.toml");
    if !path.is_file() {
        return Ok(None);
    }
    let text = read(&path)?;
    let config = Config::read("loadcase.toml", &text).map_err(|e| CommandError::Usage {
        message: e.to_string(),
        help: "docs/review.md shows what `[review]` may hold".to_owned(),
    })?;
    Ok(Some(("loadcase.toml".to_owned(), config)))
}

fn baseline(path: &Path) -> Result<Baseline, CommandError> {
    serde_json::from_str(&read(path)?).map_err(|e| CommandError::Usage {
        message: format!("{} is no baseline: {e}", path.display()),
        help: "`loadcase review --write-baseline FILE` writes one".to_owned(),
    })
}

fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|source| CommandError::Io {
        doing: "read",
        path: path.display().to_string(),
        source,
    })
}

fn brief(session: &Session, name: &str) -> Result<Brief, CommandError> {
    let named = input::brief(Some(name))?;
    let read = session.read(&named.bytes, &named.name).map_err(|diagnostic| CommandError::Input {
        name: named.name.clone(),
        source_text: String::from_utf8_lossy(&named.bytes).into_owned(),
        diagnostic,
    })?;
    Ok(read.brief)
}

/// The day: as said, else the clock's in universal time.
fn today(said: Option<&str>) -> Result<String, CommandError> {
    let Some(said) = said else { return Ok(jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()) };
    said.parse::<jiff::civil::Date>().map(|d| d.to_string()).map_err(|_| CommandError::Usage {
        message: format!("`{said}` is no day"),
        help: "write it as YYYY-MM-DD".to_owned(),
    })
}

/// The lines of the findings' places. Lines of findings about secrets are not read: their place is enough.
fn sources(root: &Path, review: &Review) -> Sources {
    let mut sources = Sources::new();
    for finding in &review.findings {
        if finding.rule.as_str().contains("secret") || finding.rule.as_str().contains("credentials") {
            continue;
        }
        for place in &finding.location.places {
            let key = (place.path.clone(), place.line);
            if sources.contains_key(&key) || place.path.contains("..") {
                continue;
            }
            let line = std::fs::read(root.join(&place.path)).ok().and_then(|bytes| {
                String::from_utf8_lossy(&bytes).lines().nth(place.line.saturating_sub(1)).map(str::to_owned)
            });
            if let Some(line) = line {
                sources.insert(key, loadcase_publish::findings::visible(&line));
            }
        }
    }
    sources
}

fn fails(review: &Review, on: FailOn) -> bool {
    let least = match on {
        FailOn::Never => return false,
        FailOn::Info => Rank::Info,
        FailOn::Low => Rank::Low,
        FailOn::Medium => Rank::Medium,
        FailOn::High => Rank::High,
        FailOn::Critical => Rank::Critical,
    };
    review.findings.iter().any(|f| Rank::named(f.severity.as_str()).is_some_and(|r| r >= least))
}
