//! Technologies a text names, and how each stands to the user.

use loadcase_catalog::Catalog;
use loadcase_model::{Id, Stance, TechnologyMention};

use crate::clause::{REACH, clause_around};
use crate::lex::{Boundary, Sentence, Text};
use crate::phrase::{Effort, Match, Matcher};
use crate::said::origin;

/// English words that are also names: they count only in technical company.
const ORDINARY_WORDS: &[&str] = &[
    "go",
    "rust",
    "express",
    "gin",
    "spring",
    "swift",
    "flask",
    "bottle",
    "play",
    "rocket",
    "echo",
    "fiber",
    "phoenix",
    "ember",
    "meteor",
    "render",
    "fly",
    "neon",
    "consul",
    "vault",
    "nomad",
    "envoy",
    "storm",
    "spark",
    "pulsar",
    "chef",
    "salt",
    "puppet",
    "helm",
    "compose",
    "pages",
    "workers",
    "functions",
    "segment",
    "snowflake",
    "oracle",
    "next",
    "nest",
    "remix",
    "drift",
    "crystal",
    "dart",
    "c",
    "r",
    "d",
    "elm",
    "beam",
    "celery",
    "temporal",
    "sentry",
    "solid",
    "edge",
    "bull",
    "drill",
    "hive",
    "sphinx",
    "druid",
    "railway",
    "node",
    "lambda",
    "stripe",
    "rest",
    "ant",
    "buffalo",
    "iris",
    "loom",
    "aurora",
    "spanner",
    "athena",
    "dramatic",
    "falcon",
    "tornado",
    "bolt",
    "rabbit",
    "pg",
    "memo",
    "scale",
    "litmus",
    "front",
    "cloud",
    "compute",
    "storage",
    "queue",
    "cache",
    "search",
    "cd",
    "es",
    "sol",
];

/// Words beside which such a name is meant technically.
const TECHNICAL: &[&str] = &[
    "backend",
    "back-end",
    "service",
    "services",
    "api",
    "apis",
    "code",
    "codebase",
    "framework",
    "server",
    "servers",
    "developers",
    "developer",
    "engineers",
    "engineer",
    "programmers",
    "stack",
    "app",
    "apps",
    "application",
    "applications",
    "microservice",
    "microservices",
    "binary",
    "monolith",
    "language",
    "programs",
    "worker",
    "cluster",
    "boot",
    "runtime",
    "module",
    "modules",
    "shop",
    "rewrite",
    "project",
    "daemon",
    "process",
    "experience",
    "team",
    "people",
    "expertise",
    "skills",
];

macro_rules! stances {
    ($($stance:ident: [$($phrase:literal),+ $(,)?];)+) => {
        const BEFORE: &[(Stance, &[&str])] = &[$((Stance::$stance, &[$($phrase),+]),)+];
    };
}

stances! {
    Existing: [
        "we|i|they|you ?already|?currently|?still run|use|have|operate|own|maintain|rely|store|keep|host|run|built|wrote|chose|started", "runs|running|run on|in|with", "running", "runs", "is|are|sits|sit|lives|live on|in", "built|build on|with|in|using|upon", "written in|with|using",
        "uses", "using", "based on", "powered by", "backed by", "our|my", "already", "today", "currently", "existing", "current", "present", "hosted on|in|at|by|with", "deployed on|to|in|with", "stored in|on", "migrat* from|off", "mov* from|off", "move off",
        "mov* away from", "leav*", "away from", "in front of", "on top of", "replac*", "stuck on|with", "prototype .. in|on|with|uses", "legacy", "outgrow*|outgrew|outgrown", "with one|single|a|two|several ?managed|?big|?large", "through", "via", "still on", "thanks to",
        "mostly", "plus", "consists of", "made of", "stack is|:", "stack", "writes to", "reads from", "increment* .. in", "dashboards run on", "behind",
    ];
    Wanted: [
        "want* ?to ?use|run|have|build|go|stay ?with|?on", "would like ?to ?use|?have", "need* to use|be|run ?on|?in", "prefer*",
        "will use|run|be ?on|?in", "will be written|built in|with|on", "going with", "go with", "decided on|for|to", "settled on", "build|building|built|develop|developing|developed|write|writing|implement* ?it|?this|?them|?our|?the .. in|with|on|using", "move|moving|migrate|migrating|switch*|port*|rewrit* ?it|?everything ?to|?onto|?in",
        "committed to", "love", "stick with|to", "stay with|on|in", "keep|keeping|retain",
    ];
    Required: [
        "must use|be|run|stay|target ?on|?with|?in", "must be built|written|hosted|deployed on|in|with|at", "has|have to use|be|run|stay ?on|?in|?with", "require*", "insist* on", "mandat*", "standardi* on", "company standard is", "only use|run",
    ];
    Considered: [
        "should", "consider*", "evaluat*", "think* about|of", "thinking", "might", "could", "maybe", "perhaps", "propos*", "suggest*", "recommend*", "whether", "vs|versus", "compar*", "choos* between", "between", "plan* to ?put|?use|?add|?introduce|?adopt|?move", "planning", "tempted", "torn", "debat*", "discuss*",
        "told|advised|urged|pressed|pushed us|me to ?use|?go|?adopt|?take|?with|?for", "hire|cto|boss|investor|investors|consultant|consultants|colleague|colleagues|architect|architects|manager|managers|management|developer|developers|vendor|somebody|someone|executives|engineers|advisor|advisors|friend|contractor|lead wants|want|says|say|proposes|propose|suggests|suggest|insists|insist|pushes|push|recommends|recommend|argues|argue|prefers|likes",
        "introduc*", "adopt*", "ask* for|about|whether", "wonder*", "is|are .. enough|right|better|overkill", "pitch*", "heard about|of", "need|worth", "go for", "look* at|into", "hype", "or", "do we|i need", "can we|i", "add|adding",
    ];
    Rejected: [
        "instead of", "rather than", "avoid*", "drop", "dropping", "get|getting rid of", "ruled out", "rule out", "not allowed to use", "forbid*", "ban|bans|banned", "hate*", "refuse* to use|?run", "never again", "afraid of",
    ];
    Known: [
        "know|knows|knowing", "experience* with|in|of", "experienced in|with", "comfortable with|in", "fluent in", "familiar with", "expert* in|with|on", "skilled in|with", "background in", "proficient in|with", "good at|with", "skills ?:|?in|?are|?include", "strong in", "years of", "specialise|specialize in", "master*", "skill set",
    ];
}

/// Words after a name that say how it stands.
const AFTER: &[(Stance, &[&str])] = &[
    (
        Stance::Known,
        &[
            "very|really|quite|fairly ?well",
            "well",
            "developer|developers|engineer|engineers|programmer|programmers|experience|expertise|skills|people|background|knowledge|team|expert|experts|veterans",
            "inside out",
            "is what .. know",
            "and .. very well",
            "by heart",
        ],
    ),
    (
        Stance::Existing,
        &[
            "today",
            "already",
            "currently",
            "in production",
            "monolith|application|app|codebase|backend|database|cluster|instance|server|servers .. is|has|are|was|grew|handles|serves|takes|now|at",
            "is|are ?already|?nearly|?almost slow|full|overloaded|throttled|expensive|struggling|down|maxed|hot|degrad*|melting|dying",
            "for # years",
            "since 2010|2011|2012|2013|2014|2015|2016|2017|2018|2019|2020|2021|2022|2023|2024|2025|2026",
            "holds|stores|takes|handles|serves",
        ],
    ),
    (
        Stance::Rejected,
        &[
            "is|are out ?of ?the ?question",
            "is|are ruled out",
            "is|are not ?an option|allowed|acceptable|possible",
            "is too expensive|complex|slow|heavy|much",
            "cannot be used",
            "is forbidden|banned",
        ],
    ),
    (
        Stance::Required,
        &["is|are mandatory|required|mandated|compulsory|set", "is|are our|the standard", "must be used"],
    ),
    (Stance::Wanted, &["is|are preferred"]),
    (Stance::Considered, &["or", "vs|versus", "enough", "a good idea|fit|choice", "instead"]),
];

/// How strongly a phrase before a name says that it is in use, even in a question.
const FIRM: &[&str] = &[
    "written",
    "built",
    "our",
    "my",
    "already",
    "currently",
    "today",
    "existing",
    "front",
    "running",
    "runs",
    "have",
    "stuck",
    "legacy",
    "hosted",
    "run",
    "uses",
    "using",
    "from",
    "off",
];

/// The names of technologies, compiled.
#[derive(Debug)]
pub(crate) struct Technologies {
    names: Matcher<usize>,
    before: Matcher<Stance>,
    after: Matcher<Stance>,
    ids: Vec<Id>,
}

impl Technologies {
    /// Compiles the catalog's names.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let mut names = Matcher::default();
        let mut ids = Vec::new();
        for technology in catalog.technologies.values() {
            let bare = ["Apache ", "Amazon ", "Google "].iter().find_map(|v| technology.name.strip_prefix(v));
            names.add_literal(technology.id.as_str(), ids.len());
            names.add_literal(&technology.name, ids.len());
            // "Cloud" alone is no provider.
            let bare = bare.filter(|name| !ORDINARY_WORDS.contains(&name.to_lowercase().as_str()));
            bare.iter().for_each(|name| names.add_literal(name, ids.len()));
            technology.aliases.iter().for_each(|alias| names.add_literal(alias, ids.len()));
            ids.push(technology.id.clone());
        }
        let mut cues = [Matcher::default(), Matcher::default()];
        for (matcher, table) in cues.iter_mut().zip([BEFORE, AFTER]) {
            for (stance, phrases) in table {
                phrases.iter().for_each(|p| matcher.add(p, *stance));
            }
        }
        let [before, after] = cues;
        Self { names, before, after, ids }
    }

    /// Names of technologies in a text: the longest at each place, in order.
    pub(crate) fn names(&self, text: &Text<'_>, effort: &mut Effort) -> Vec<Match<usize>> {
        let mut longest: Vec<Match<usize>> = Vec::new();
        for m in self.names.find(text, &[], effort) {
            match longest.last_mut() {
                Some(previous) if m.first < previous.last => {
                    if m.first == previous.first && m.last > previous.last {
                        *previous = m;
                    }
                }
                _ => longest.push(m),
            }
        }
        let firm: Vec<bool> = longest.iter().map(|m| !is_ordinary(text, m)).collect();
        let kept = |i: usize| {
            !is_generic(text, &longest[i]) && (firm[i] || technical_company(text, &longest, &firm, i))
        };
        (0..longest.len()).filter(|&i| kept(i)).map(|i| longest[i]).collect()
    }

    /// The identifier of a technology.
    pub(crate) fn id(&self, index: usize) -> &Id {
        &self.ids[index]
    }

    /// The technologies of a text with their stances: each pair once, where it is first said.
    pub(crate) fn read(
        &self,
        text: &Text<'_>,
        negated: &[Option<u32>],
        building: bool,
        effort: &mut Effort,
    ) -> Vec<TechnologyMention> {
        let mut mentions: Vec<TechnologyMention> = Vec::new();
        for (m, stance) in self.place(text, negated, building, effort) {
            let id = &self.ids[m.payload];
            if !mentions.iter().any(|known| known.id == *id && known.stance == stance) {
                mentions.push(TechnologyMention {
                    id: id.clone(),
                    stance,
                    origin: origin(text, (m.first, m.last)),
                });
            }
        }
        mentions
    }

    /// The names in a document that describes what is, with their stances.
    pub(crate) fn stances(
        &self,
        text: &Text<'_>,
        negated: &[Option<u32>],
        effort: &mut Effort,
    ) -> Vec<(Match<usize>, Stance)> {
        self.place(text, negated, false, effort)
    }

    fn place(
        &self,
        text: &Text<'_>,
        negated: &[Option<u32>],
        building: bool,
        effort: &mut Effort,
    ) -> Vec<(Match<usize>, Stance)> {
        let names = self.names(text, effort);
        let before = self.before.find(text, &[], effort);
        let after = self.after.find(text, &[], effort);
        let stances = Stances { text, negated, before: &before, after: &after, names: &names, building };
        names.iter().enumerate().map(|(i, m)| (*m, stances.stance(i))).collect()
    }
}

fn is_ordinary(text: &Text<'_>, m: &Match<usize>) -> bool {
    m.last - m.first == 1 && ORDINARY_WORDS.contains(&text.word(m.first))
}

/// "A SQL server" is any server that speaks SQL; with a capital it is a product.
fn is_generic(text: &Text<'_>, m: &Match<usize>) -> bool {
    m.last - m.first == 2
        && text.word(m.first) == "sql"
        && text.word(m.first + 1) == "server"
        && !text.tokens[m.first + 1].capital
}

/// Whether an ordinary word is meant as a name.
fn technical_company(text: &Text<'_>, names: &[Match<usize>], firm: &[bool], index: usize) -> bool {
    let m = names[index];
    let sentence = text.sentences[text.sentence_of(m.first)];
    let token = text.tokens[m.first];
    let next = if m.last < sentence.last { text.word(m.last) } else { "" };
    let word_before =
        |back: usize| m.first.checked_sub(back).filter(|&i| i >= sentence.first).map_or("", |i| text.word(i));
    let capital_inside = token.capital && m.first > sentence.first;
    let beside_name = |other: usize| {
        let other_name = names[other];
        let gap = if other < index {
            m.first.saturating_sub(other_name.last)
        } else {
            other_name.first.saturating_sub(m.last)
        };
        firm[other] && gap <= 1 && text.sentence_of(other_name.first) == text.sentence_of(m.first)
    };
    let neighbour =
        (index > 0 && beside_name(index - 1)) || (index + 1 < names.len() && beside_name(index + 1));
    let written = matches!(word_before(1), "in" | "using")
        && (matches!(
            word_before(2),
            "written"
                | "built"
                | "coded"
                | "it"
                | "everything"
                | "services"
                | "backend"
                | "rewrite"
                | "write"
                | "api"
        ) || token.capital);
    capital_inside || neighbour || TECHNICAL.contains(&next) || written
}

struct Stances<'a, 's> {
    text: &'a Text<'s>,
    negated: &'a [Option<u32>],
    before: &'a [Match<Stance>],
    after: &'a [Match<Stance>],
    names: &'a [Match<usize>],
    building: bool,
}

impl Stances<'_, '_> {
    fn stance(&self, index: usize) -> Stance {
        let m = self.names[index];
        let sentence = self.text.sentences[self.text.sentence_of(m.first)];
        if let Some(stance) = self.denied(&m, sentence) {
            return stance;
        }
        let clause = clause_around(self.text, sentence, m.first);
        if let Some(stance) = self.behind(&m, sentence) {
            return stance;
        }
        if let Some(stance) = self.moved_to(index, sentence) {
            return stance;
        }
        let cue = self.ahead(&m, sentence);
        match cue {
            // "Nobody knows Kafka" is no knowledge of Kafka.
            Some((Stance::Known, _)) if self.known_to_nobody(&m, sentence) => Stance::Considered,
            Some((stance, firm)) if !sentence.question || firm => stance,
            Some((Stance::Rejected, _)) => Stance::Rejected,
            Some((Stance::Known, _)) => Stance::Known,
            _ if sentence.question => Stance::Considered,
            None if matches!(self.text.word(sentence.first), "use" | "using" | "take" | "choose") => {
                Stance::Wanted
            }
            _ if self.building || clause.0 == clause.1 => Stance::Wanted,
            _ => Stance::Existing,
        }
    }

    /// A negation before the name: ruled out, unless it only says that it is not known or not in use.
    fn denied(&self, m: &Match<usize>, sentence: Sentence) -> Option<Stance> {
        let negator = self.negated[m.first]? as usize;
        let between = negator + 1..m.first;
        let only_absent = between.clone().any(|i| {
            matches!(self.text.word(i), "know" | "knows" | "use" | "have" | "has" | "run" | "sure" | "heard")
        }) && !(negator + 1..m.first)
            .any(|i| matches!(self.text.word(i), "want" | "wants" | "need" | "to" | "must"));
        Some(if sentence.question || only_absent { Stance::Considered } else { Stance::Rejected })
    }

    /// "Move from MySQL to PostgreSQL": the second is the aim, or an idea where somebody only thinks of it.
    fn moved_to(&self, index: usize, sentence: Sentence) -> Option<Stance> {
        let m = self.names[index];
        let previous = self.names[..index].last().filter(|p| p.first >= sentence.first)?;
        let link =
            (previous.last..m.first).rev().take(3).find(|&i| matches!(self.text.word(i), "to" | "onto"))?;
        let from = (previous.first.saturating_sub(4).max(sentence.first)..previous.first)
            .any(|i| matches!(self.text.word(i), "from" | "off"));
        if !from || link.saturating_sub(previous.last) > 4 || self.new_clause_between(previous.last, m.first)
        {
            return None;
        }
        let cue = self.ahead(previous, sentence).map(|(stance, _)| stance);
        let thinking = sentence.question
            || cue == Some(Stance::Considered)
            || self.before.iter().any(|b| {
                b.payload == Stance::Considered && b.first >= sentence.first && b.last <= previous.first
            });
        Some(if thinking { Stance::Considered } else { Stance::Wanted })
    }

    /// What follows the name within a few words.
    fn behind(&self, m: &Match<usize>, sentence: Sentence) -> Option<Stance> {
        let until = sentence.last.min(m.last + 2);
        let from = self.after.partition_point(|a| a.first < m.last);
        self.after[from..]
            .iter()
            .take_while(|a| a.first < until)
            .filter(|a| (m.last..=a.first).all(|i| self.text.tokens[i].before < Boundary::Bracket))
            .filter(|a| a.payload != Stance::Considered || sentence.question)
            .map(|a| a.payload)
            .next()
    }

    /// Whether the clause says that nobody or hardly anybody knows what it names.
    fn known_to_nobody(&self, m: &Match<usize>, sentence: Sentence) -> bool {
        let from = m.first.saturating_sub(8).max(clause_around(self.text, sentence, m.first).0);
        (from..m.first).any(|i| {
            matches!(
                self.text.word(i),
                "nobody" | "none" | "neither" | "few" | "hardly" | "barely" | "little"
            ) || (self.text.word(i) == "no" && self.text.word(i + 1) == "one")
        })
    }

    /// The nearest cue before the name, and whether it holds even in a question.
    fn ahead(&self, m: &Match<usize>, sentence: Sentence) -> Option<(Stance, bool)> {
        let lowest = sentence.first.max(m.first.saturating_sub(REACH / 2));
        let from = self.before.partition_point(|b| b.first < lowest);
        let until = self.before.partition_point(|b| b.first < m.first);
        let nearest = self.before[from..until]
            .iter()
            .filter(|b| b.last <= m.first && !self.new_clause_between(b.last, m.first))
            // Of two that end at the same word the longer says more.
            .max_by_key(|b| (b.last, std::cmp::Reverse(b.first)))?;
        let firm = (nearest.first.saturating_sub(2).max(lowest)..nearest.last)
            .any(|i| FIRM.contains(&self.text.word(i)));
        Some((nearest.payload, firm && nearest.payload == Stance::Existing))
    }

    /// Whether a semicolon or "but" ends the reach of a cue.
    fn new_clause_between(&self, a: usize, b: usize) -> bool {
        (a..b).any(|i| {
            self.text.tokens[i].before >= Boundary::Semicolon
                || matches!(self.text.word(i), "but" | "while" | "whereas" | "although")
        })
    }
}

#[cfg(test)]
mod tests;
