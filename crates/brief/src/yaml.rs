//! Reads a brief from YAML: fields are checked against the catalog, prose in it is read like any prose.

use loadcase_catalog::Catalog;
use loadcase_model::{
    Brief, Diagnostic, DomainGuess, Estimate, Id, Input, Origin, Signal, Span, TechnologyMention, yaml,
};

use crate::file::{BriefFile, NumberEntry, Scalar, ValueEntry};
use crate::numbers::{Amount, bare, check, check_together};
use crate::reader::{Read, Reader, each_origin};
use crate::said::follow;

impl Reader {
    /// Reads a brief from a YAML file in the form of [`BriefFile`].
    ///
    /// # Errors
    /// What is wrong with the file, where, and the nearest known name.
    pub fn read_yaml(&self, source: &str, catalog: &Catalog) -> Result<Read, Box<Diagnostic>> {
        let file: BriefFile = yaml::read(source)?;
        let filing = Filing { reader: self, catalog, source };
        let mut read = filing.prose(&file);
        filing.fields(&file, &mut read.brief)?;
        read.diagnostics.extend(check_together(&read.brief.numbers));
        dedup(&mut read.diagnostics);
        Ok(read)
    }
}

/// Keeps one of equal diagnostics.
fn dedup(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: Vec<Diagnostic> = Vec::new();
    diagnostics.retain(|d| {
        let new = !seen.contains(d);
        if new {
            seen.push(d.clone());
        }
        new
    });
}

/// Reads a YAML brief against a catalog.
///
/// # Errors
/// What is wrong with the file, where, and the nearest known name.
pub fn read_yaml(text: &str, catalog: &Catalog) -> Result<Read, Box<Diagnostic>> {
    Reader::new(catalog).read_yaml(text, catalog)
}

struct Filing<'a> {
    reader: &'a Reader,
    catalog: &'a Catalog,
    source: &'a str,
}

impl Filing<'_> {
    /// Reads the prose of the file. Its words keep their place in the file where they stand there as they are.
    fn prose(&self, file: &BriefFile) -> Read {
        let parts = [("summary", &file.summary), ("text", &file.text), ("question", &file.question)];
        let given: Vec<(&str, &String)> =
            parts.iter().filter_map(|(key, value)| value.as_ref().map(|v| (*key, v))).collect();
        let masked = mask(self.source, &given);
        let mut read = match &masked {
            Some(masked) => self.reader.read(masked),
            None => {
                let joined: Vec<&str> = given.iter().map(|(_, v)| v.as_str()).collect();
                let mut read = self.reader.read(&joined.join("\n\n"));
                forget_places(&mut read);
                read
            }
        };
        self.source.clone_into(&mut read.brief.text);
        if let Some(question) = &file.question {
            read.brief.question = Some(question.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        read
    }

    /// Puts the fields over what the prose says.
    fn fields(&self, file: &BriefFile, brief: &mut Brief) -> Result<(), Box<Diagnostic>> {
        for (input, entry) in &file.numbers {
            self.number(*input, entry, brief)?;
        }
        for (id, holds) in &file.signals {
            self.known("signal", id, &["signals"], &self.catalog.lexicon.signals)?;
            let origin = self.origin(&["signals", id.as_str()]);
            brief.signals.insert(id.clone(), Signal { holds: *holds, origin });
        }
        follow(&self.catalog.lexicon.signals, &mut brief.signals);
        self.domains(file, brief)?;
        self.technologies(file, brief)
    }

    fn domains(&self, file: &BriefFile, brief: &mut Brief) -> Result<(), Box<Diagnostic>> {
        let share = 1.0 / file.domains.len().max(1) as f64;
        let mut domains = Vec::new();
        for id in &file.domains {
            self.known("domain", id, &["domains"], &self.catalog.domains)?;
            domains.push(DomainGuess {
                id: id.clone(),
                share,
                origin: self.origin(&["domains", id.as_str()]),
            });
        }
        if !domains.is_empty() {
            brief.domains = domains;
        }
        Ok(())
    }

    fn technologies(&self, file: &BriefFile, brief: &mut Brief) -> Result<(), Box<Diagnostic>> {
        let lists = file.technologies.by_stance();
        let mut said = Vec::new();
        for (_, key, ids) in lists {
            for id in ids {
                said.push(self.technology(id, key)?);
            }
        }
        brief.technologies.retain(|t| !said.contains(&t.id));
        for (stance, key, ids) in lists {
            for id in ids {
                let technology = self.technology(id, key)?;
                let origin = self.origin(&["technologies", key, id.as_str()]);
                brief.technologies.push(TechnologyMention { id: technology, stance, origin });
            }
        }
        Ok(())
    }

    /// A technology by identifier, name or alias.
    fn technology(&self, id: &Id, key: &str) -> Result<Id, Box<Diagnostic>> {
        let technologies = &self.catalog.technologies;
        let called = |name: &str| Id::slug(name) == *id;
        let named = technologies.values().find(|t| called(&t.name) || t.aliases.iter().any(|a| called(a)));
        match named {
            Some(technology) if !technologies.contains_key(id) => Ok(technology.id.clone()),
            _ => self.known("technology", id, &["technologies", key], technologies).map(|()| id.clone()),
        }
    }

    fn number(&self, input: Input, entry: &NumberEntry, brief: &mut Brief) -> Result<(), Box<Diagnostic>> {
        for (when, value) in entry.by_time() {
            let Some(value) = value else { continue };
            let fail = |problem: String| Box::new(self.fault(input, &problem));
            let amount = self.value(input, value).map_err(fail)?;
            let path = ["numbers", input.slug(), when];
            let path = if matches!(entry, NumberEntry::Now(_)) { &path[..2] } else { &path[..] };
            let estimate = Estimate {
                value: amount.value,
                low: amount.low,
                high: amount.high,
                origin: self.origin(path),
            };
            let given = brief.numbers.entry(input).or_default();
            given.average = false;
            if when == "now" {
                given.now = Some(estimate);
            } else {
                given.later = Some(estimate);
            }
        }
        Ok(())
    }

    fn value(&self, input: Input, value: &ValueEntry) -> Result<Amount, String> {
        let (middle, low, high) = match value {
            ValueEntry::Plain(scalar) => (scalar, None, None),
            ValueEntry::Ranged(ranged) => (&ranged.value, ranged.low.as_ref(), ranged.high.as_ref()),
        };
        let mut amount = self.scalar(input, middle)?;
        for (end, is_low) in [(low, true), (high, false)] {
            let Some(end) = end else { continue };
            let end = self.scalar(input, end)?.value;
            if (is_low && end > amount.value) || (!is_low && end < amount.value) {
                return Err("has a `low` above its `value`, or a `high` below it".to_owned());
            }
            if is_low {
                amount.low = end;
            } else {
                amount.high = end;
            }
        }
        Ok(amount)
    }

    fn scalar(&self, input: Input, scalar: &Scalar) -> Result<Amount, String> {
        match scalar {
            Scalar::Number(value) => check(input, Amount::exact(bare(input, *value))),
            Scalar::Text(text) => self
                .reader
                .numbers
                .amount(input, text)
                .map_err(|problem| format!("`{}` {problem}", text.chars().take(60).collect::<String>())),
        }
    }

    fn fault(&self, input: Input, problem: &str) -> Diagnostic {
        let problem =
            if problem.starts_with('`') { problem.to_owned() } else { format!("the value {problem}") };
        let diagnostic = Diagnostic::error("bad-number", format!("{}: {problem}", input.slug()))
            .help(format!("{} Write a number with its unit, such as `{}`.", input.meaning(), example(input)));
        match self.find(&["numbers", input.slug()]) {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic,
        }
    }

    /// Refuses a name the catalog does not hold, with the nearest one it does.
    fn known<T>(
        &self,
        what: &str,
        id: &Id,
        path: &[&str],
        known: &indexmap::IndexMap<Id, T>,
    ) -> Result<(), Box<Diagnostic>> {
        if known.contains_key(id) {
            return Ok(());
        }
        let mut diagnostic = Diagnostic::error("unknown-name", format!("there is no {what} `{id}`"));
        let near = |name: &Id| strsim::jaro_winkler(id.as_str(), name.as_str());
        if let Some(best) = known.keys().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|b| near(b) > 0.75)
        {
            diagnostic = diagnostic.help(format!("did you mean `{best}`?"));
        } else {
            diagnostic = diagnostic.help(format!("`loadcase explain` lists every {what} it knows"));
        }
        let mut path = path.to_vec();
        path.push(id.as_str());
        Err(Box::new(match self.find(&path) {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic,
        }))
    }

    /// The line that says it, from its key on.
    fn origin(&self, path: &[&str]) -> Origin {
        match self.find(path) {
            Some(span) => {
                let rest = &self.source[span.start..];
                let line = rest.lines().next().unwrap_or("");
                let line = line.split(" #").next().unwrap_or(line).trim_end();
                Origin::stated(line, span.start)
            }
            None => Origin::answered(path.join(".")),
        }
    }

    /// Where a name stands, below the names before it.
    fn find(&self, path: &[&str]) -> Option<Span> {
        let mut from = 0;
        let mut found = None;
        for name in path {
            let start = self.find_name(name, from)?;
            from = start + name.len();
            found = Some(Span::new(start, from));
        }
        found
    }

    fn find_name(&self, name: &str, from: usize) -> Option<usize> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let mut at = from;
        while let Some(i) = self.source.get(at..)?.find(name) {
            let start = at + i;
            let end = start + name.len();
            let alone = !self.source[..start].ends_with(part) && !self.source[end..].starts_with(part);
            let line = self.source[..start].rfind('\n').map_or(0, |n| n + 1);
            if alone && !self.source[line..start].contains('#') {
                return Some(start);
            }
            at = end;
        }
        None
    }
}

/// An amount of an input as one may write it.
const fn example(input: Input) -> &'static str {
    use loadcase_model::Unit;
    match input.unit() {
        Unit::Share => "95%",
        Unit::Times => "3x",
        Unit::Milliseconds => "300ms",
        Unit::Seconds => "5 minutes",
        Unit::Months => "6 months",
        Unit::Gigabytes => "200 GB",
        Unit::Kilobytes => "40 kB",
        Unit::UsdPerMonth | Unit::Usd => "$5k",
        Unit::RequestsPerSecond | Unit::PerSecond | Unit::MessagesPerSecond => "500",
        _ => "10k",
    }
}

/// Blanks everything but the values of some keys, so that what is read in them keeps its place. Nothing when
/// the file is not written with its keys at the beginning of lines, or when a value is written with escapes.
fn mask(source: &str, keys: &[(&str, &String)]) -> Option<String> {
    let mut keep: Vec<Span> = Vec::new();
    for (key, value) in keys {
        let region = region(source, key)?;
        let raw = region.of(source);
        let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        // Comments, escapes and anchors would be read as words: then the value itself is read instead.
        if !plain(raw).eq(&plain(value)) {
            return None;
        }
        keep.push(region);
    }
    keep.sort();
    let mut masked = String::with_capacity(source.len());
    let mut at = 0;
    for span in keep {
        blank(&source[at..span.start], &mut masked);
        masked.push_str(span.of(source));
        at = span.end;
    }
    blank(&source[at..], &mut masked);
    Some(masked)
}

/// As many bytes of white space as the text has, with its line ends.
fn blank(text: &str, out: &mut String) {
    for c in text.chars() {
        if c == '\n' {
            out.push('\n');
        } else {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    }
}

/// The value of a key at the beginning of a line: to the next line that is not indented.
fn region(source: &str, key: &str) -> Option<Span> {
    let mut at = 0;
    let mut start = None;
    for line in source.split_inclusive('\n') {
        if let Some(from) = start {
            let inside = line.trim().is_empty() || line.starts_with([' ', '\t']);
            if !inside {
                return Some(Span::new(from, at));
            }
        } else if let Some(rest) = line.strip_prefix(key).and_then(|r| r.strip_prefix(':')) {
            let indicator = rest.trim_start_matches([' ', '|', '>', '-', '+']);
            start = Some(at + line.len() - indicator.len());
        }
        at += line.len();
    }
    start.map(|from| Span::new(from, source.len()))
}

/// Places in a text that is not the file are no places in the file.
fn forget_places(read: &mut Read) {
    let forget = |origin: &mut Origin| {
        if let Origin::Stated { at, .. } = origin {
            *at = None;
        }
    };
    each_origin(&mut read.brief, forget);
    read.diagnostics.iter_mut().for_each(|d| d.label = None);
}
