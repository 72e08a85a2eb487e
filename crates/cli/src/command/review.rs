//! `loadcase review`: what is wrong with the architecture of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::Path;

use loadcase_engine::reviewing::{Baseline, Config, Options, Persona, Rank, all};
use loadcase_engine::{Known, Session};
use loadcase_model::{Aspect, Brief, Place, Practice, Review, State, Survey};
use loadcase_publish::findings::{self, RuleSheet, Sources};

use crate::args::{self, FailOn, Global, PersonaName, ReviewFormat};
use crate::command::diff::Side;
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Review, global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(Some(&options.path))?;
    let how = how(options)?;
    let brief = options.brief.as_deref().map(|name| brief(&session, name)).transpose()?;
    let today = today(options.today.as_deref())?;
    let previous = options.previous.clone().map(|p| Side::Path(p).snapshot(&session)).transpose()?;
    let survey = session.recover(&options.path)?;
    terminal::note_nothing_read(&options.path, survey.files);
    let known = Known { brief: brief.as_ref(), previous: previous.as_ref().map(|p| &p.survey.blueprint) };
    let review = session.review(&survey, known, &how, &today)?;
    let lines = || sources(&options.path, &review, &survey);
    let text = match options.format {
        ReviewFormat::Text => findings::text(&review, &lines(), terminal::screen(global.color, false).color),
        ReviewFormat::Json => findings::json(&review),
        ReviewFormat::Sarif => findings::sarif(&review, &sheets(), &survey.blueprint),
        ReviewFormat::Github => findings::github(&review),
        ReviewFormat::Md => findings::markdown(&review),
        ReviewFormat::Html => findings::html(&review, &sheets(), &survey.blueprint, &lines()),
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
    // Whoever reads SARIF decides what fails; the exit code is for the tool itself.
    let gate = options.format != ReviewFormat::Sarif;
    Ok(if gate && fails(&review, options.fail_on) { Outcome::Findings } else { Outcome::Fine })
}

fn how(options: &args::Review) -> Result<Options, CommandError> {
    for name in options.select.iter().chain(&options.ignore) {
        if !loadcase_engine::reviewing::names_rules(name) {
            return Err(CommandError::Usage {
                message: format!("there is no rule `{name}`"),
                help: "`loadcase rules` lists the rules by family; a family is written `family:NAME`"
                    .to_owned(),
            });
        }
    }
    Ok(Options {
        persona: persona(options.persona),
        select: options.select.clone(),
        ignore: options.ignore.clone(),
        config: config(&options.path)?,
        baseline: options.baseline.as_deref().map(baseline).transpose()?,
        no_accept: options.no_accept,
    })
}

/// The rules, as the forms of findings need them.
fn sheets() -> Vec<RuleSheet> {
    let owned = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect();
    all()
        .map(|r| RuleSheet {
            id: r.id.to_owned(),
            family: r.family.name().to_owned(),
            severity: r.severity.name().to_owned(),
            needs_numbers: r.needs_numbers,
            fault: r.fault.to_owned(),
            why: r.why.to_owned(),
            fix: r.fix.to_owned(),
            documentation: r.documentation(),
            references: owned(r.references),
            aliases: owned(r.aliases),
        })
        .collect()
}

pub(crate) const fn persona(name: PersonaName) -> Persona {
    match name {
        PersonaName::Regular => Persona::Regular,
        PersonaName::Pedantic => Persona::Pedantic,
        PersonaName::Auditor => Persona::Auditor,
    }
}

/// The `loadcase.toml` of the repository, when it has one.
pub(crate) fn config(root: &Path) -> Result<Option<(String, Config)>, CommandError> {
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
pub(crate) fn today(said: Option<&str>) -> Result<String, CommandError> {
    let Some(said) = said else { return Ok(jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()) };
    said.parse::<jiff::civil::Date>().map(|d| d.to_string()).map_err(|_| CommandError::Usage {
        message: format!("`{said}` is no day"),
        help: "write it as YYYY-MM-DD".to_owned(),
    })
}

/// The lines of the findings' places. Lines with secrets are not shown: their place is enough.
fn sources(root: &Path, review: &Review, survey: &Survey) -> Sources {
    let secret = |p: &Practice| {
        matches!(p.aspect, Aspect::LiteralSecret | Aspect::DefaultCredentials) && p.state == State::Present
    };
    let withheld: BTreeSet<&Place> =
        survey.practices.iter().filter(|p| secret(p)).map(|p| &p.place).collect();
    let mut sources = Sources::new();
    let mut wanted: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for place in review.findings.iter().flat_map(|f| &f.location.places) {
        if !withheld.contains(place) && !place.path.split('/').any(|part| part == "..") {
            wanted.entry(place.path.as_str()).or_default().insert(place.line);
        }
    }
    for (path, lines) in wanted {
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        for (index, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            if lines.contains(&(index + 1)) && !may_hold_secret(line) {
                sources.insert((path.into(), index + 1), findings::visible(line));
            }
        }
    }
    sources
}

/// Whether a line looks like it gives a secret a value, or an address with a password in it.
fn may_hold_secret(line: &str) -> bool {
    const WORDS: [&str; 9] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "privatekey",
        "accesskey",
        "credential",
    ];
    let line: String = line.to_lowercase().chars().filter(|c| !matches!(c, '_' | '-' | '.')).collect();
    let named = WORDS.iter().any(|word| {
        line.match_indices(word).any(|(at, _)| line[at + word.len()..].contains([':', '=', '>']))
    });
    let address = line.split("://").skip(1).any(|rest| {
        let host = rest.split(['/', ' ', '"', '\'']).next().unwrap_or("");
        host.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    named || address || line.contains("private key")
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

#[cfg(test)]
mod tests {
    use super::may_hold_secret;

    #[test]
    fn lines_with_secrets_are_known_and_others_are_shown() {
        for line in [
            "  POSTGRES_PASSWORD: hunter2",
            "spring.datasource.password=x",
            "api_key = \"x\"",
            "DATABASE_URL: postgres://app:hunter2@db/app",
            "-----BEGIN RSA PRIVATE KEY-----",
            "<password>x</password>",
        ] {
            assert!(may_hold_secret(line), "{line}");
        }
        for line in ["  image: postgres:16", "axios.get('http://orders/')", "// the token is checked"] {
            assert!(!may_hold_secret(line), "{line}");
        }
    }
}
