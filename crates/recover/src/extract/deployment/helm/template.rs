//! Templates as trees: texts, expressions, blocks.

/// Deepest nesting of blocks; what is deeper is left out.
const DEPTH: usize = 40;

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A text and the line it begins on.
    Text(usize, String),
    /// An expression whose value is written.
    Write(usize, String),
    /// A variable that gets a value.
    Set(String, String),
    /// Branches with their conditions; the last may have none.
    If(Vec<(Option<String>, Vec<Self>)>),
    /// A body in which the dot is a value, and what stands there without one.
    With(Option<String>, String, Vec<Self>, Vec<Self>),
    /// A body for each element, with the names of key and value.
    Range(Vec<String>, String, Vec<Self>),
}

/// A block that is being read.
struct Open {
    head: Head,
    /// Finished branches with their conditions.
    arms: Vec<(Option<String>, Vec<Item>)>,
    condition: Option<String>,
    items: Vec<Item>,
}

enum Head {
    If,
    With(Option<String>, String),
    Range(Vec<String>, String),
    Define(String),
}

/// Reads a template: its items, and the pieces it defines by name.
pub(super) fn parse(text: &str) -> (Vec<Item>, Vec<(String, Vec<Item>)>) {
    let mut reader = Reader { stack: Vec::new(), items: Vec::new(), defined: Vec::new(), too_deep: 0 };
    let mut rest = text;
    let mut line = 1;
    let mut trim_next = false;
    while let Some(at) = rest.find("{{") {
        let (before, after) = rest.split_at(at);
        let action_line = line + newlines(before);
        let trims = after.get(2..3) == Some("-");
        reader.text(before, line, trim_next, trims);
        let Some(end) = after.find("}}") else {
            rest = "";
            break;
        };
        let inside = after.get(2..end).unwrap_or("");
        trim_next = inside.ends_with('-') && inside.len() > 1;
        let inside = inside.strip_prefix('-').unwrap_or(inside);
        let inside = inside.strip_suffix('-').unwrap_or(inside).trim();
        reader.action(inside, action_line);
        line = action_line + newlines(after.get(..end).unwrap_or(""));
        rest = after.get(end + 2..).unwrap_or("");
    }
    reader.text(rest, line, trim_next, false);
    while !reader.stack.is_empty() {
        reader.end();
    }
    (reader.items, reader.defined)
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}

struct Reader {
    stack: Vec<Open>,
    items: Vec<Item>,
    defined: Vec<(String, Vec<Item>)>,
    /// Blocks opened beyond the bound.
    too_deep: usize,
}

impl Reader {
    fn push(&mut self, item: Item) {
        if self.too_deep > 0 {
            return;
        }
        match self.stack.last_mut() {
            Some(open) => open.items.push(item),
            None => self.items.push(item),
        }
    }

    fn text(&mut self, text: &str, line: usize, trim_start: bool, trim_end: bool) {
        let start = if trim_start { text.trim_start() } else { text };
        let line = line + newlines(text.get(..text.len() - start.len()).unwrap_or(""));
        let text = if trim_end { start.trim_end() } else { start };
        if !text.is_empty() {
            self.push(Item::Text(line, text.to_owned()));
        }
    }

    fn open(&mut self, head: Head, condition: Option<String>) {
        if self.stack.len() >= DEPTH {
            self.too_deep += 1;
            return;
        }
        self.stack.push(Open { head, arms: Vec::new(), condition, items: Vec::new() });
    }

    fn action(&mut self, action: &str, line: usize) {
        if action.starts_with("/*") || action.is_empty() {
            return;
        }
        let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
        let rest = rest.trim();
        match word {
            "if" => self.open(Head::If, Some(rest.to_owned())),
            "with" => {
                let (name, value) = assigned(rest);
                self.open(Head::With(name.first().cloned(), value.to_owned()), None);
            }
            "range" => {
                let (names, value) = assigned(rest);
                self.open(Head::Range(names, value.to_owned()), None);
            }
            "define" | "block" => {
                let name = rest.split('"').nth(1).unwrap_or(rest).to_owned();
                self.open(Head::Define(name), None);
            }
            "else" => self.branch(rest),
            "end" => self.end(),
            "break" | "continue" => {}
            _ => {
                let (names, value) = assigned(action);
                match names.into_iter().next() {
                    Some(name) => self.push(Item::Set(name, value.to_owned())),
                    None => self.push(Item::Write(line, action.to_owned())),
                }
            }
        }
    }

    fn branch(&mut self, rest: &str) {
        if self.too_deep > 0 {
            return;
        }
        if let Some(open) = self.stack.last_mut() {
            let items = std::mem::take(&mut open.items);
            open.arms.push((open.condition.take(), items));
            open.condition =
                rest.strip_prefix("if ").or_else(|| rest.strip_prefix("with ")).map(|c| c.trim().to_owned());
        }
    }

    fn end(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(mut open) = self.stack.pop() else { return };
        open.arms.push((open.condition.take(), open.items));
        let mut arms = open.arms.into_iter();
        let mut body = || arms.next().map(|(_, items)| items).unwrap_or_default();
        match open.head {
            Head::If => self.push(Item::If(arms.collect())),
            Head::With(name, value) => {
                let (first, second) = (body(), body());
                self.push(Item::With(name, value, first, second));
            }
            Head::Range(names, value) => {
                let first = body();
                self.push(Item::Range(names, value, first));
            }
            Head::Define(name) => {
                let first = body();
                self.defined.push((name, first));
            }
        }
    }
}

/// The variables on the left of an assignment, and what is assigned.
fn assigned(text: &str) -> (Vec<String>, &str) {
    let split = text.split_once(":=").or_else(|| text.split_once(" = "));
    let Some((left, right)) =
        split.filter(|(l, _)| l.trim_start().starts_with('$') && !l.contains(['(', '"', '|']))
    else {
        return (Vec::new(), text);
    };
    (left.split(',').map(|n| n.trim().to_owned()).collect(), right.trim())
}
