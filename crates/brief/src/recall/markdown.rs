//! The sections of a Markdown or AsciiDoc document, and a copy of it in which only some of them are left.

use crate::recall::table;

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// Depth of the heading; 0 for what stands before the first one.
    pub(crate) level: usize,
    /// The heading, marks removed.
    pub(crate) title: String,
    /// First byte of the heading line.
    pub(crate) start: usize,
    /// First byte after the heading line.
    pub(crate) body: usize,
    /// One past the last byte before the next heading.
    pub(crate) end: usize,
}

/// A document cut at its headings.
#[derive(Clone, Debug)]
pub(crate) struct Sections {
    /// In order of appearance, without gaps.
    pub(crate) sections: Vec<Section>,
    /// Bytes inside code fences, front matter and comments, and of cells that weigh.
    pub(crate) aside: Vec<(usize, usize)>,
    /// The lines of the front matter, when there is one.
    pub(crate) front: (usize, usize),
}

impl Sections {
    /// Cuts a document.
    pub(crate) fn new(text: &str) -> Self {
        let mut cut = Self { sections: Vec::new(), aside: Vec::new(), front: (0, 0) };
        let mut open = Section { level: 0, title: String::new(), start: 0, body: 0, end: 0 };
        let mut fence: Option<(&str, usize)> = None;
        let mut at = cut.front_matter(text);
        open.start = at;
        open.body = at;
        while let Some(line) = text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()) {
            let next = at + line.len();
            let trimmed = line.trim();
            let mark = ["```", "~~~", "----"]
                .into_iter()
                .find(|m| trimmed.starts_with(m) && (*m != "----" || trimmed == *m));
            match (fence, mark) {
                (Some((opened, from)), Some(mark)) if mark == opened => {
                    cut.aside.push((from, next));
                    fence = None;
                }
                (None, Some(mark)) if mark != "----" || text[next..].contains("\n----") => {
                    fence = Some((mark, at));
                }
                (None, _) => {
                    if let Some((level, title)) = heading(line) {
                        open.end = at;
                        let section = Section { level, title, start: at, body: next, end: next };
                        cut.sections.push(std::mem::replace(&mut open, section));
                    }
                }
                _ => {}
            }
            at = next;
        }
        if let Some((_, from)) = fence {
            cut.aside.push((from, text.len()));
        }
        open.end = text.len();
        cut.sections.push(open);
        let code = cut.aside.clone();
        cut.strike(text, &code, "<!--", "-->");
        cut.strike(text, &code, "~~", "~~");
        cut.aside.extend(table::asides(text));
        cut
    }

    /// Sets aside what stands between two marks outside of code: comments, and text that is struck out.
    fn strike(&mut self, text: &str, code: &[(usize, usize)], opens: &str, closes: &str) {
        let comment = opens != closes;
        let mut at = 0;
        while let Some(from) = text[at..].find(opens).map(|i| at + i) {
            let inside = from + opens.len();
            let before = code.partition_point(|(start, _)| *start <= from);
            if let Some(&(_, until)) =
                before.checked_sub(1).and_then(|i| code.get(i)).filter(|(_, until)| *until > from)
            {
                at = until.max(inside);
                continue;
            }
            // What is struck out ends on its line; a comment that nobody closed reaches to the end.
            let line_end = || text[inside..].find('\n').map_or(text.len(), |i| inside + i);
            let reach = if comment { text.len() } else { line_end() };
            let closed = text[inside..reach].find(closes).map(|i| inside + i + closes.len());
            if comment || closed.is_some() {
                self.aside.push((from, closed.unwrap_or(reach)));
            }
            at = closed.unwrap_or(reach);
        }
    }

    /// Skips YAML between `---` lines at the beginning.
    fn front_matter(&mut self, text: &str) -> usize {
        let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
            return 0;
        };
        let from = text.len() - rest.len();
        let mut at = from;
        for line in rest.split_inclusive('\n') {
            if matches!(line.trim_end(), "---" | "...") {
                self.front = (from, at);
                self.aside.push((0, at + line.len()));
                return at + line.len();
            }
            at += line.len();
        }
        0
    }

    /// The text with everything blanked but the bodies and headings of some sections. Lines and places stay.
    pub(crate) fn keep(&self, text: &str, wanted: impl Fn(&Section) -> bool) -> String {
        let mut kept = vec![false; text.len()];
        for section in self.sections.iter().filter(|s| wanted(s)) {
            kept[section.start..section.end].fill(true);
        }
        for &(from, until) in &self.aside {
            kept[from..until].fill(false);
        }
        text.char_indices()
            .flat_map(|(i, c)| {
                let visible = kept[i] || c == '\n';
                let blanks = if visible { 0 } else { c.len_utf8() };
                visible.then_some(c).into_iter().chain(std::iter::repeat_n(' ', blanks))
            })
            .collect()
    }

    /// The section whose title begins with one of these, lower case.
    pub(crate) fn titled(&self, titles: &[&str]) -> Option<&Section> {
        self.sections.iter().find(|s| {
            let title = s.title.to_lowercase();
            titles.iter().any(|t| title.starts_with(t))
        })
    }
}

/// `## Title`, `== Title`, with numbers and marks removed.
fn heading(line: &str) -> Option<(usize, String)> {
    let mark = line.chars().next().filter(|c| matches!(c, '#' | '='))?;
    let level = line.chars().take_while(|c| *c == mark).count();
    let rest = &line[level..];
    if level > 6 || !rest.starts_with([' ', '\t']) {
        return None;
    }
    let title = rest.trim().trim_end_matches(mark).trim();
    let bare = title.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' ' | '*'));
    Some((level, if bare.is_empty() { title } else { bare }.trim_matches('*').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\nstatus: accepted\n---\n# 1. Title\nintro\n\n## Status\n\nAccepted\n```\n# code\n```\n## Decision #\nUse it.\n";

    #[test]
    fn documents_are_cut_at_their_headings() {
        let sections = Sections::new(TEXT);
        let titles: Vec<_> = sections.sections.iter().map(|s| (s.level, s.title.as_str())).collect();
        assert_eq!(titles, [(0, ""), (1, "Title"), (2, "Status"), (2, "Decision")]);
        assert_eq!(&TEXT[sections.front.0..sections.front.1], "status: accepted\n");
    }

    #[test]
    fn what_is_left_keeps_its_place() {
        let sections = Sections::new(TEXT);
        let kept = sections.keep(TEXT, |s| s.title == "Decision");
        assert_eq!(kept.len(), TEXT.len());
        assert_eq!(kept.find("Use it."), TEXT.find("Use it."));
        assert!(!kept.contains("Accepted") && !kept.contains("code"));
        assert_eq!(kept.matches('\n').count(), TEXT.matches('\n').count());
    }
}
